"""A parent writes a word once: the language is guessed, and every form of it is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from safeguard.errors import RuleError
from safeguard.ruleset.compiler import compile_rules
from safeguard.ruleset.model import CompiledRules, ListRule
from safeguard.ruleset.own_words import forms, languages, listed
from safeguard.text.fold import fold

INFLECTION = Path(__file__).parents[2] / "rules" / "inflection"
LEXICONS = {
    "en": "kind: lexicon\nlang: en\nINSULT: [loser/n, coward/n, liar/n, stupid, thick, sneaky, whiner/n, cheater/n]\nFUNC: [the, with]\n",
    "tr": "kind: lexicon\nlang: tr\nINSULT: [yalancı/n, korkak/n, dolandırıcılık/n, kandırmak, hırsızlık/n, düzenbaz/n, kaz/v]\n",
    "az": "kind: lexicon\nlang: az\nINSULT: [axma/n_k, yalançı/n, qorxaq/n, quldur/n, əclaf/n]\n",
}


@pytest.fixture(scope="module")
def rules() -> CompiledRules:
    """The shipped classes and shapes, with lexicons of a few words."""
    files = [(f"inflection/{p.name}", p.read_bytes()) for p in INFLECTION.glob("*.yaml")]
    return compile_rules([*files, *((f"{lang}.yaml", text.encode()) for lang, text in LEXICONS.items())])


def has(rules: CompiledRules, lang: str, word: str, form: str) -> bool:
    folded = fold(form)
    found = forms(fold(word), [lang], rules.stems[""], rules.inflection)
    return any(folded.startswith(stem) and folded[len(stem) :] in endings for stem, endings in found)


@pytest.mark.parametrize(
    ("lang", "word", "found", "not_found"),
    [
        ("en", "bully", "bully bullies bullied bullying", "bull bullet"),
        ("en", "witch", "witch witches", "witcher"),
        ("en", "rat", "rat rats ratted", "rate rated rating ratio"),
        ("en", "zombie", "zombie zombies", "zomb"),
        ("tr", "ermeni", "ermeni Ermeniler Ermenilerden Ermeni'nin ermeninin", "erme"),
        ("tr", "dolandırıcı", "dolandırıcı dolandırıcılar dolandırıcıya dolandırıcılık", "dolandır dolandırdı"),
        ("tr", "köpek", "köpek köpeği köpekler köpeğe", "köpü"),
        ("tr", "kitap", "kitap kitabı kitaplar", "kita"),
        ("tr", "öldürmek", "öldürmek öldürdü öldürüyorlar öldürmeyin", "öl ölüm"),
        ("tr", "aşağılamak", "aşağılamak aşağılıyor aşağıladı", "aşağı"),
        ("az", "uşaq", "uşaq uşağı uşaqlar uşağın", "uşa"),
        ("az", "axmaq", "axmaq axmağı axmaqlar", "axır axdı"),
        ("az", "öldürmək", "öldürmək öldürdü öldürəcək", "ölüm"),
        ("ru", "дурак", "дурак дурака дураками дураков дураки", "дур дурачок"),
        ("ru", "чурка", "чурка чурки чурок чуркам чуркой", "чур"),
        ("ru", "тварь", "тварь твари тварью тварей", "твар"),
        ("ru", "придурок", "придурок придурка придурки", "придури"),
        ("ru", "горожанин", "горожанин горожане горожанами", "город"),
        ("ru", "ненавидеть", "ненавидеть", "вид"),
        ("ru", "травить", "травить травлю травит травили", "трава"),
        ("ru", "тупой", "тупой тупая тупого тупым", "туп"),
        ("hy", "շուն", "շուն շունը շուներ", "շու"),
        ("hy", "հիմար", "հիմար հիմարները հիմարին հիմարից", "հիմա"),
        ("hy", "ատելություն", "ատելություն ատելության ատելությամբ", "ատել"),
        ("hy", "սպանել", "սպանել սպանեմ կսպանեմ չսպանես սպանեց", "սպա"),
        ("hy", "ադրբեջանցի", "ադրբեջանցի ադրբեջանցիներ ադրբեջանցու", "ադրբեջան"),
    ],
    ids=lambda v: v.split()[0],
)
def test_forms(rules: CompiledRules, lang: str, word: str, found: str, not_found: str) -> None:
    assert {f: has(rules, lang, word, f) for f in found.split()} == dict.fromkeys(found.split(), True)
    assert {f: has(rules, lang, word, f) for f in not_found.split()} == dict.fromkeys(not_found.split(), False)


@pytest.mark.parametrize(
    ("word", "langs"),
    [
        ("дурак", {"ru"}),
        ("հիմար", {"hy"}),
        ("şərəfsiz", {"az"}),
        ("loser", {"en"}),
        ("kandırıcı", {"tr", "az"}),
        ("əclaf", {"az"}),
        ("ҹаһил", set()),
        ("yalanci", {"tr", "az"}),
    ],
)
def test_the_language_is_guessed(rules: CompiledRules, word: str, langs: set[str]) -> None:
    found = set(languages([fold(word)], word, rules.stems[""], rules.inflection))
    assert found <= langs
    assert bool(found) is bool(langs)


def test_the_language_given_counts(rules: CompiledRules) -> None:
    [word] = listed([ListRule("list.own", "word", "mal", True, lang="tr")], rules.stems[""], rules.inflection).words
    assert word.langs == ("tr",)


def test_little_words_of_a_phrase_and_exact_ones_have_no_other_forms(rules: CompiledRules) -> None:
    entries = [ListRule("list.own", "phrase", "with the rats", True, lang="en"), ListRule("list.own", "exact", "rat", True)]
    table = listed(entries, rules.stems[""], rules.inflection)
    assert {w.word: sum(len(e or ()) for _, e in w.forms) > 1 for w in table.words} == {
        "with": False,
        "the": False,
        "rats": True,
        "rat": False,
    }
    assert table.worded[0][2] == 2  # a text is searched for the rarest word


@pytest.mark.parametrize("text", ["'n': ['0/no_such']", "'n': ['n']", "'(': ['0/n']"])
def test_a_bad_shape_is_a_problem(text: str) -> None:
    inflection = b"kind: inflection\nlang: en\nclasses:\n  n: {sg: ['']}\n"
    shapes = f"kind: shapes\nshapes:\n  en:\n    {text}\n".encode()
    with pytest.raises(RuleError) as caught:
        compile_rules([("a.yaml", inflection), ("b.yaml", shapes)])
    assert [p.file for p in caught.value.problems] == ["b.yaml"]
    assert caught.value.problems[0].line == 4
