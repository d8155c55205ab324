"""Why a site was not opened that does not prove who it is, in the words of a child and a parent. Pure.

The English sentence is what the log keeps; the page says it in its own language.
"""

from __future__ import annotations

EXPIRED = "the site's certificate has ended, or the clock of this computer is wrong"
EARLY = "the site's certificate does not count yet, or the clock of this computer is wrong"
NAME = "the site's certificate is for another site"
SELF = "the site vouches for itself, and nobody who is known does"
UNKNOWN = "nobody who is known vouches for the site, or a part of its proof is missing"
WEAK = "the site's certificate is made in a way that is easy to forge"
OLD = "the site offers only old encryption that others can break"
OWN = "the site's certificate was made with this family's own key; if that was stolen, `safeguard ca renew` makes a new one"
INVALID = "the site's certificate is not valid"
NOT_SECURE = "no secure connection to the site could be made"

REASONS = (EXPIRED, EARLY, NAME, SELF, UNKNOWN, WEAK, OLD, OWN, INVALID, NOT_SECURE)

TITLE = {
    "en": "SafeGuard did not open this site",
    "ru": "SafeGuard не открыл этот сайт",
    "tr": "SafeGuard bu siteyi açmadı",
    "az": "SafeGuard bu saytı açmadı",
    "hy": "SafeGuard-ը չբացեց այս կայքը",
}
TEXT = {
    "en": "Someone may pretend to be this site. So nothing was sent to it. A parent finds this in the log under code {code}.",
    "ru": "Кто-то может выдавать себя за этот сайт. Поэтому ему ничего не отправлено. Родители найдут это в журнале под кодом {code}.",
    "tr": "Biri kendini bu site gibi gösteriyor olabilir. Siteye hiçbir şey gönderilmedi. Anne baban bunu kayıtta {code} koduyla bulur.",
    "az": "Kimsə özünü bu sayt kimi göstərə bilər. Ona görə sayta heç nə göndərilmədi. Valideynlər bunu jurnalda {code} kodu ilə tapır.",
    "hy": "Հնարավոր է՝ ինչ-որ մեկը ձևանում է որպես այս կայքը։ Ուստի նրան ոչինչ չի ուղարկվել։ Ծնողը սա կգտնի մատյանում {code} կոդով։",
}
_SAID = {
    "ru": (
        "срок действия сертификата сайта истёк, или часы этого компьютера идут неверно",
        "сертификат сайта ещё не действует, или часы этого компьютера идут неверно",
        "сертификат выдан другому сайту",
        "сайт ручается за себя сам, и больше никто из известных",
        "никто из известных не ручается за сайт, или часть его доказательств отсутствует",
        "сертификат сайта сделан так, что его легко подделать",
        "сайт предлагает только старое шифрование, которое могут взломать",
        "сертификат сайта сделан ключом вашей семьи; если ключ украли, `safeguard ca renew` сделает новый",
        "сертификат сайта недействителен",
        "не удалось установить безопасное соединение с сайтом",
    ),
    "tr": (
        "sitenin sertifikasının süresi dolmuş ya da bu bilgisayarın saati yanlış",
        "sitenin sertifikası henüz geçerli değil ya da bu bilgisayarın saati yanlış",
        "sertifika başka bir siteye ait",
        "siteye yalnızca kendisi kefil, tanınan hiç kimse değil",
        "tanınan hiç kimse siteye kefil değil ya da kanıtının bir parçası eksik",
        "sitenin sertifikası kolayca taklit edilebilecek biçimde yapılmış",
        "site yalnızca başkalarının kırabileceği eski şifreleme sunuyor",
        "sitenin sertifikası ailenizin kendi anahtarıyla yapılmış; anahtar çalındıysa `safeguard ca renew` yenisini yapar",
        "sitenin sertifikası geçerli değil",
        "siteye güvenli bir bağlantı kurulamadı",
    ),
    "az": (
        "saytın sertifikatının vaxtı bitib, ya da bu kompüterin saatı səhvdir",
        "saytın sertifikatı hələ qüvvədə deyil, ya da bu kompüterin saatı səhvdir",
        "sertifikat başqa sayta aiddir",
        "sayta yalnız özü zamin durur, tanınan heç kim yox",
        "tanınan heç kim sayta zamin durmur, ya da sübutunun bir hissəsi çatışmır",
        "saytın sertifikatı asanlıqla saxtalaşdırıla bilən üsulla hazırlanıb",
        "sayt yalnız başqalarının sındıra biləcəyi köhnə şifrələmə təklif edir",
        "saytın sertifikatı ailənizin öz açarı ilə hazırlanıb; açar oğurlanıbsa, `safeguard ca renew` yenisini yaradır",
        "saytın sertifikatı etibarsızdır",
        "saytla təhlükəsiz əlaqə qurmaq mümkün olmadı",
    ),
    "hy": (
        "կայքի վկայագրի ժամկետն անցել է, կամ այս համակարգչի ժամացույցը սխալ է",
        "կայքի վկայագիրը դեռ ուժի մեջ չէ, կամ այս համակարգչի ժամացույցը սխալ է",
        "վկայագիրը տրված է այլ կայքի",
        "կայքի համար երաշխավորում է միայն ինքը, և ոչ մի հայտնի կողմ",
        "ոչ մի հայտնի կողմ չի երաշխավորում կայքի համար, կամ նրա ապացույցի մի մասը պակասում է",
        "կայքի վկայագիրը պատրաստված է հեշտ կեղծվող եղանակով",
        "կայքն առաջարկում է միայն հին գաղտնագրում, որն ուրիշները կարող են կոտրել",
        "կայքի վկայագիրը պատրաստված է ձեր ընտանիքի բանալիով. եթե այն գողացել են, `safeguard ca renew`-ը նորը կստեղծի",
        "կայքի վկայագիրը վավեր չէ",
        "կայքի հետ անվտանգ կապ հաստատել չհաջողվեց",
    ),
}


def said(why: str, lang: str) -> str:
    """One of REASONS in that language (one of TITLE)."""
    return _SAID[lang][REASONS.index(why)] if lang in _SAID else why
