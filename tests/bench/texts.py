"""Ordinary posts of our own in five languages, and feeds made of them: what a filter sees all day, with nothing to hide in it."""

from __future__ import annotations

import random

ENGLISH = """
Good morning everyone, the coffee is ready and the sun is out
We finally painted the kitchen and it took the whole weekend
Does anybody know a good bakery near the old bridge
My sister baked a lemon cake for her neighbours
The bus was late again, so I walked along the river
Here are some pictures of our trip to the mountains
I have been learning the guitar for three months now
Our team lost the match but the fans sang until the end
The new season of that series is better than the first one
Please bring your own cups to the picnic on Saturday
The library is open until eight in the evening this week
What a beautiful sunset over the lake tonight
I lost my blue umbrella somewhere between the market and home
The cat has decided that my keyboard is her bed
Happy birthday to the best grandmother in the world
We are looking for two volunteers to help in the garden
My homework is done, now I can play for an hour
The recipe needs less salt and a little more garlic
How do you keep your tomatoes alive in this heat
They opened a small museum about the history of the town
The train ride takes four hours, bring a book
Thank you all for the kind messages after my exam
This song has been stuck in my head since yesterday
I repaired the old radio and it plays again
The weather report promises snow for the weekend
Let us meet at the fountain at half past six
Our school won second place in the chess tournament
The puppy learned to give his paw today
I cannot decide between the red bike and the green one
The concert was loud, funny and much too short
My uncle grows the best apricots in the village
Can someone recommend a quiet place to study
The museum asks visitors not to use a flash
We counted eleven stars before the clouds came back
There is a discount on winter shoes until Friday
Her new book is about a lighthouse and a storm
I made soup from everything that was left in the fridge
The children built a castle from cardboard boxes
Does this game run on an older computer
See you all at the rehearsal tomorrow evening
"""
RUSSIAN = """
Доброе утро всем, кофе готов и солнце уже светит
Мы наконец покрасили кухню, ушли все выходные
Кто знает хорошую пекарню возле старого моста
Сестра испекла лимонный пирог для соседей
Автобус опять опоздал, и я пошёл вдоль реки
Вот несколько фотографий из нашей поездки в горы
Уже три месяца учусь играть на гитаре
Наша команда проиграла, но болельщики пели до конца
Новый сезон сериала лучше первого
Возьмите на пикник свои кружки, встречаемся в субботу
Библиотека на этой неделе открыта до восьми вечера
Какой красивый закат сегодня над озером
Потерял синий зонт где-то между рынком и домом
Кошка решила, что моя клавиатура это её кровать
С днём рождения самой лучшей бабушке на свете
Ищем двух добровольцев для работы в саду
Уроки сделаны, теперь можно час поиграть
В рецепте нужно меньше соли и чуть больше чеснока
Как вы спасаете помидоры в такую жару
В городе открыли маленький музей истории
Поезд идёт четыре часа, возьмите с собой книгу
Спасибо всем за тёплые слова после экзамена
Эта песня со вчерашнего дня звучит у меня в голове
Починил старое радио, оно снова играет
Прогноз обещает снег на выходных
Встретимся у фонтана в половине седьмого
Наша школа заняла второе место на турнире по шахматам
Щенок сегодня научился давать лапу
Не могу выбрать между красным и зелёным велосипедом
Концерт был громким, весёлым и слишком коротким
Дядя выращивает лучшие абрикосы в деревне
Посоветуйте тихое место для занятий
Музей просит посетителей не снимать со вспышкой
До облаков мы успели насчитать одиннадцать звёзд
До пятницы скидка на зимнюю обувь
Её новая книга про маяк и шторм
Сварил суп из всего, что было в холодильнике
Дети построили замок из картонных коробок
Эта игра пойдёт на старом компьютере
До встречи завтра вечером на репетиции
"""
TURKISH = """
Herkese günaydın, kahve hazır ve güneş çıktı
Mutfağı sonunda boyadık, bütün hafta sonu sürdü
Eski köprünün yakınında iyi bir fırın bilen var mı
Ablam komşular için limonlu kek yaptı
Otobüs yine gecikti, ben de nehir boyunca yürüdüm
Dağ gezimizden birkaç fotoğraf paylaşıyorum
Üç aydır gitar çalmayı öğreniyorum
Takımımız yenildi ama taraftarlar sonuna kadar şarkı söyledi
Dizinin yeni sezonu ilkinden daha güzel
Cumartesi pikniğine kendi bardağınızı getirin lütfen
Kütüphane bu hafta akşam sekize kadar açık
Bu akşam gölün üstünde ne güzel bir gün batımı var
Mavi şemsiyemi pazarla ev arasında bir yerde kaybettim
Kedi klavyemi kendi yatağı sanıyor
Dünyanın en iyi anneannesine mutlu yıllar
Bahçede yardım edecek iki gönüllü arıyoruz
Ödevim bitti, şimdi bir saat oynayabilirim
Tarife daha az tuz ve biraz daha sarımsak gerek
Bu sıcakta domatesleri nasıl koruyorsunuz
Kasabada küçük bir tarih müzesi açıldı
Tren yolculuğu dört saat, yanınıza kitap alın
Sınavdan sonraki güzel mesajlar için teşekkürler
Bu şarkı dünden beri aklımdan çıkmıyor
Eski radyoyu tamir ettim, yeniden çalıyor
Hava durumu hafta sonu için kar diyor
Altı buçukta çeşmenin önünde buluşalım
Okulumuz satranç turnuvasında ikinci oldu
Yavru köpek bugün pati vermeyi öğrendi
Kırmızı bisikletle yeşil arasında karar veremiyorum
Konser gürültülü, eğlenceli ve çok kısaydı
Amcam köyün en güzel kayısılarını yetiştiriyor
Ders çalışmak için sessiz bir yer önerir misiniz
Müze ziyaretçilerden flaş kullanmamasını istiyor
Bulutlar gelmeden on bir yıldız saydık
Kışlık ayakkabılarda cumaya kadar indirim var
Yeni kitabı bir deniz feneri ve fırtına hakkında
Buzdolabında kalan her şeyden çorba yaptım
Çocuklar karton kutulardan kale yaptı
Bu oyun eski bir bilgisayarda çalışır mı
Yarın akşam provada görüşürüz
"""
AZERBAIJANI = """
Hamıya sabahınız xeyir, qəhvə hazırdır, günəş də çıxıb
Mətbəxi nəhayət rənglədik, bütün həftəsonu çəkdi
Köhnə körpünün yanında yaxşı çörəkxana tanıyan var
Bacım qonşular üçün limonlu keks bişirdi
Avtobus yenə gecikdi, mən də çay boyu gəzdim
Dağ səfərimizdən bir neçə şəkil paylaşıram
Üç aydır gitara çalmağı öyrənirəm
Komandamız uduzdu, amma azarkeşlər sona qədər oxudu
Serialın yeni mövsümü birincidən yaxşıdır
Şənbə günü piknikə öz fincanınızı gətirin
Kitabxana bu həftə axşam səkkizə qədər açıqdır
Bu axşam gölün üstündə nə gözəl qürub var
Mavi çətirimi bazarla ev arasında itirmişəm
Pişik elə bilir ki, klaviaturam onun yatağıdır
Dünyanın ən yaxşı nənəsinin ad günü mübarək
Bağda kömək edəcək iki könüllü axtarırıq
Dərslərim bitdi, indi bir saat oynaya bilərəm
Reseptə az duz və bir az artıq sarımsaq lazımdır
Bu istidə pomidorları necə qoruyursunuz
Şəhərdə kiçik bir tarix muzeyi açıldı
Qatar dörd saat gedir, özünüzlə kitab götürün
İmtahandan sonrakı xoş sözlər üçün çox sağ olun
Bu mahnı dünəndən bəri yadımdan çıxmır
Köhnə radionu düzəltdim, yenə oxuyur
Hava proqnozu həftəsonu üçün qar vəd edir
Yeddinin yarısında fəvvarənin yanında görüşək
Məktəbimiz şahmat turnirində ikinci yeri tutdu
Küçük bu gün pəncə verməyi öyrəndi
Qırmızı velosipedlə yaşıl arasında seçim edə bilmirəm
Konsert səs-küylü, şən və çox qısa idi
Əmim kəndin ən dadlı əriklərini yetişdirir
Dərs oxumaq üçün sakit bir yer məsləhət görün
Muzey qonaqlardan işıqla şəkil çəkməməyi xahiş edir
Buludlar gələnə qədər on bir ulduz saydıq
Cümə gününə qədər qış ayaqqabılarına endirim var
Onun yeni kitabı mayak və fırtına haqqındadır
Soyuducuda qalan hər şeydən şorba bişirdim
Uşaqlar karton qutulardan qala tikdilər
Bu oyun köhnə kompüterdə işləyir
Sabah axşam məşqdə görüşərik
"""
ARMENIAN = """
Բարի լույս բոլորին, սուրճը պատրաստ է, արևն էլ դուրս եկավ
Վերջապես ներկեցինք խոհանոցը, ամբողջ շաբաթավերջը տևեց
Հին կամրջի մոտ լավ հացատուն գիտե՞ք
Քույրս հարևանների համար կիտրոնով թխվածք պատրաստեց
Ավտոբուսը նորից ուշացավ, ու ես քայլեցի գետի երկայնքով
Ահա մի քանի նկար մեր լեռնային ճամփորդությունից
Երեք ամիս է՝ կիթառ եմ սովորում
Մեր թիմը պարտվեց, բայց երկրպագուները երգում էին մինչև վերջ
Սերիալի նոր եթերաշրջանն ավելի լավն է, քան առաջինը
Շաբաթ օրը խնջույքին ձեր բաժակները բերեք
Գրադարանն այս շաբաթ բաց է մինչև երեկոյան ութը
Ինչ գեղեցիկ մայրամուտ է այսօր լճի վրա
Կորցրել եմ կապույտ հովանոցս շուկայի և տան միջև
Կատուն որոշել է, որ ստեղնաշարս իր մահճակալն է
Ծնունդդ շնորհավոր, աշխարհի ամենալավ տատիկ
Փնտրում ենք երկու կամավոր այգում օգնելու համար
Դասերս արեցի, հիմա կարող եմ մեկ ժամ խաղալ
Բաղադրատոմսին պետք է քիչ աղ և մի քիչ ավելի սխտոր
Ինչպե՞ս եք պահպանում լոլիկներն այս շոգին
Քաղաքում բացվեց պատմության փոքրիկ թանգարան
Գնացքը չորս ժամ է գնում, գիրք վերցրեք
Շնորհակալ եմ քննությունից հետո բարի խոսքերի համար
Այս երգը երեկվանից չի հեռանում մտքիցս
Նորոգեցի հին ռադիոն, ու նորից նվագում է
Եղանակի տեսությունը ձյուն է խոստանում
Հանդիպենք շատրվանի մոտ վեց անց կես
Մեր դպրոցը շախմատի մրցաշարում երկրորդ տեղը գրավեց
Լակոտն այսօր սովորեց թաթ տալ
Չեմ կարողանում ընտրել կարմիր ու կանաչ հեծանիվների միջև
Համերգը բարձրաձայն էր, ուրախ և շատ կարճ
Քեռիս գյուղի ամենալավ ծիրանն է աճեցնում
Խորհուրդ տվեք մի հանգիստ տեղ պարապելու համար
Թանգարանը խնդրում է առանց լույսի լուսանկարել
Մինչև ամպերի գալը տասնմեկ աստղ հաշվեցինք
Մինչև ուրբաթ ձմեռային կոշիկները զեղչված են
Նրա նոր գիրքը փարոսի և փոթորկի մասին է
Ապուր եփեցի այն ամենից, ինչ սառնարանում էր
Երեխաները ստվարաթղթից ամրոց կառուցեցին
Այս խաղը կաշխատի՞ հին համակարգչի վրա
Վաղը երեկոյան կտեսնվենք փորձին
"""
LANGUAGES = {"en": ENGLISH, "ru": RUSSIAN, "tr": TURKISH, "az": AZERBAIJANI, "hy": ARMENIAN}
SENTENCES = {lang: text.strip().splitlines() for lang, text in LANGUAGES.items()}


MARK = "7000001"
"""Stands in each post of a feed and a page: another number of as many digits in its place makes all of them new."""


def posts(count: int, seed: int = 1) -> list[str]:
    """That many posts of one to four sentences, a fifth in each language, each different."""
    chance = random.Random(seed)
    names = list(SENTENCES)
    return [". ".join(chance.sample(SENTENCES[names[n % 5]], chance.choice((1, 1, 2, 3, 4)))) + f" {n} {MARK}" for n in range(count)]


def page(size: int, seed: int = 1) -> bytes:
    """A page of about `size` bytes with posts as articles."""
    parts, total = [], 0
    for n, text in enumerate(posts(size // 200 + 2, seed)):
        head = f'<article class="post card-{n % 7}" data-id="{n}"><h3><a href="/u/{n}">user{n}</a></h3>'
        part = f"{head}<p>{text}</p><button>Like</button></article>\n"
        parts.append(part)
        total += len(part.encode())
        if total >= size:
            break
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Feed</title><main>{"".join(parts)}</main>'.encode()
