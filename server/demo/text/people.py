"""The people of the demo world: names from many cultures, what they write about themselves, and how they write."""

# ruff: noqa: E501  the corpus reads best with one sentence a line

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """A person before ids and times. `marks` holds v (verified), p (private), m (moderator), + (premium)."""

    username: str
    full_name: str
    language: str
    city: str
    style: str
    interests: tuple[str, ...]
    marks: str
    bio: str


_TABLE = """
demo|Robin Demo|en|Edinburgh|plain|terminal_life,synthcorner,slowtravel,breadandsoup|+|Trying this place out. Tea, trains, terminals. 🌿
mara.lindqvist|Mara Lindqvist|en|Göteborg|warm|synthcorner,nightsky,analogphoto|v+|Makes slow music with old machines. New EP: Salt & Static 🎛️
tomasz_w|Tomasz Wilk|pl|Kraków|precise|codereview_club,terminal_life|m|Backend by day, baker by night. Piszę też po polsku.
yuki.aoyama|青山 ゆき|ja|京都市|terse|analogphoto,catsofparlour,slowtravel||フィルム写真と猫。Kyoto. 📷🐈
leila_haddad|ليلى حداد|ar|بيروت|warm|breadandsoup,tongues|v|طبخ، خبز، وموسيقى. Beirut kitchen diaries 🍋
kwame.o|Kwame Ofori|en|Accra|plain|synthcorner,slowtravel|v|Bass player. Records birds before breakfast.
nina_petrova|Нина Петрова|ru|Тбилиси|plain|slowtravel,analogphoto,tongues||Пишу о поездах. Tbilisi, usually on the way somewhere else
ines.carvalho|Inês Carvalho|pt|Lisboa|warm|balconygarden,breadandsoup,catsofparlour||Varanda com 27 vasos e um gato. Lisboa ☀️
jonas.berg|Jonas Berg|de|Hamburg|precise|terminal_life,codereview_club|m+|Unix, boats, very strong coffee. he/him
priya_raman|प्रिया रमन|hi|जयपुर|lower|askparlour,spoilers,tongues||किताबें, चाय और लंबी बातें। reads the last page first
dimitris.k|Δημήτρης Καραγιάννης|el|Θεσσαλονίκη|plain|nightsky,slowtravel||Καλησπέρα από Θεσσαλονίκη. Binoculars > telescope 🔭
minji.seo|서민지|ko|부산|lower|analogphoto,breadandsoup||바다, 필름, 국수. busan 🌊
noa_levi|נועה לוי|he|חיפה|terse|codereview_club,balconygarden||מתכנתת, מגדלת עגבניות. Haifa
sofia.marchetti|Sofia Marchetti|it|Torino|warm|breadandsoup,spoilers,catsofparlour|v|Scrivo di pane, treni e finali sbagliati. 🥖
lukas_h|Lukas Hofer|de|Wien|lower|synthcorner,terminal_life||modular stuff, mostly cables
amara.diallo|Amara Diallo|fr|Marseille|warm|askparlour,slowtravel|v+|Documentaires radio. La mer, les gens, le micro. 🎙️
chen_weilin|陳瑋琳|zh|台南|plain|breadandsoup,analogphoto,catsofparlour||台南小巷、早餐店、三隻貓 🐱🐱🐱
eirik.n|Eirik Nordahl|en|Tromsø|terse|nightsky,analogphoto|v|Aurora chaser. Cold fingers. 69°N
bea_moreno|Beatriz Moreno|es|Granada|warm|tongues,breadandsoup||Profe de idiomas. Colecciono palabras sin traducción ✍️
hoang.linh|Hoàng Thùy Linh|vi|Hà Nội|lower|breadandsoup,balconygarden||phở, hoa, xe đạp. hà nội 🚲
oskar_m|Oskar Malinen|en|Bergen|precise|terminal_life,nightsky||Writes parsers for fun. Rain is a feature.
zehra.aydin|Zehra Aydın|tr|İzmir|warm|balconygarden,catsofparlour||Balkon bahçesi, sokak kedileri, demli çay 🍅
paulo.reis|Paulo Reis|pt|Recife|plain|synthcorner,askparlour||Baixo, bossa e um cachorro chamado Compasso 🐶
greta_olsen|Greta Olsen|en|Bergen|warm|slowtravel,balconygarden||Librarian on a ferry route. Yes, really. 📚⛴️
arjun.m|Arjun Menon|en|Kochi|lower|codereview_club,spoilers||distributed systems & undistributed naps
camille_r|Camille Roussel|fr|Nantes|plain|analogphoto,spoilers|v|Photographe argentique. Portraits sur rendez-vous, ou par hasard.
olena.sh|Олена Шевчук|uk|Львів|warm|breadandsoup,tongues,catsofparlour||Печу хліб, вчу мови, годую двох котів 🌻
rafael_quispe|Rafael Quispe|es|Valparaíso|plain|slowtravel,nightsky||Caminatas largas. Mapas viejos. 🗺️
wanjiru.k|Wanjiru Kamau|en|Nairobi|precise|codereview_club,askparlour|v+|Data journalist. Charts with their axes on.
haruto_k|小林 陽翔|ja|札幌市|terse|nightsky,synthcorner||雪と星とシンセ。❄️
saga.eriksson|Saga Eriksson|en|Göteborg|lower|catsofparlour,askparlour|p|my cat has her own account but she forgot the password
miro.novak|Miro Novák|en|Praha|plain|terminal_life,spoilers||Tram driver, night reader, shell user
fatima_zahra|فاطمة الزهراء|ar|القاهرة|plain|tongues,analogphoto||خط عربي وقهوة. Letters, ink, Cairo mornings ☕
tui.parata|Tui Parata|en|Wellington|warm|balconygarden,nightsky||Wind, ferns, stargazing. Kia ora! 🌱
eleni_v|Ελένη Βασιλείου|el|Θεσσαλονίκη|warm|breadandsoup,askparlour||Συνταγές της γιαγιάς, μία κάθε Κυριακή 🍲
callum.reid|Callum Reid|en|Edinburgh|lower|terminal_life,codereview_club|m|i break builds so you don't have to
marisol.ag|Marisol Aguirre|es|Oaxaca|warm|breadandsoup,catsofparlour|v|Maíz, cacao, mercado. Cocinera 🌽
dao_tran|Trần Minh Đạo|vi|Hà Nội|precise|codereview_club,terminal_life||Compilers. Also bánh mì reviews.
ilse.brandt|Ilse Brandt|de|Leipzig|precise|tongues,spoilers||Übersetzerin. Ich lese das Ende zuletzt, ehrlich.
petra_s|Petra Svobodová|en|Praha|plain|balconygarden,analogphoto||Botanical drawings & expired film
joon.baek|백준영|ko|부산|plain|synthcorner,codereview_club||낮에는 코드, 밤에는 신디사이저 🎹
ayesha.r|Ayesha Rahimi|en|Halifax|warm|askparlour,tongues|p|Nurse on nights. Soup enthusiast. Private because tired 💤
matteo.f|Matteo Ferri|it|Palermo|lower|analogphoto,slowtravel||luce, sale, gelsomini. palermo
dagny.holm|Dagný Hólm|en|Reykjavík|terse|nightsky,synthcorner|v|Composer. Long notes.
ravi_jaipur|रवि शर्मा|hi|जयपुर|warm|slowtravel,balconygarden||रेल यात्राएँ और छत का बगीचा 🌶️
elif.k|Elif Kaya|tr|İzmir|plain|spoilers,askparlour||Dizi sonlarını affetmem.
benoit.l|Benoît Lacroix|fr|Nantes|precise|breadandsoup,codereview_club||Boulanger reconverti en développeur. Ou l'inverse.
ngaio_w|Ngaio Walker|en|Wellington|lower|catsofparlour,synthcorner||two cats, one looper pedal
stefan.i|Stefan Ionescu|en|Wien|plain|slowtravel,terminal_life||Rides every night train once
kasia.z|Kasia Zielińska|pl|Kraków|warm|catsofparlour,balconygarden||Koty, kwiaty, kiszonki 🐾
tamar.g|Тамара Гелашвили|ru|Тбилиси|warm|breadandsoup,slowtravel|v|Хачапури и горы. Tbilisi supper club 🧀
theo.lambert|Théo Lambert|fr|Marseille|lower|synthcorner,spoilers||house, dub, pastis et synthés cassés
lin.yutong|林雨桐|zh|台南|warm|tongues,askparlour||語言老師。今天也要好好吃飯 🍜
abena.m|Abena Mensah|en|Accra|plain|askparlour,analogphoto|v|Street portraits with permission. Accra 📷
hugo_castel|Hugo Castel|es|Granada|terse|codereview_club,nightsky||Rust, guitarra, silencio
maeve.osullivan|Maeve O'Sullivan|en|Halifax|warm|tongues,slowtravel,spoilers||Folk songs and bus timetables. Sláinte!
viktor.l|Viktor Lund|en|Bergen|precise|terminal_life,analogphoto|m|Sysadmin. Large format photography. No notifications.
shira.b|שירה ברק|he|חיפה|warm|synthcorner,breadandsoup||מוזיקה, חומוס, ים 🌊
aoife_k|Aoife Kerrigan|en|Edinburgh|lower|askparlour,catsofparlour,balconygarden||phd in procrastination (ongoing)
ani.harutyun|Անի Հարությունյան|en|Тбилиси|warm|nightsky,tongues,breadandsoup||Learns every alphabet she meets. Apricots. 🍑
bruno.tavares|Bruno Tavares|pt|Porto|plain|nightsky,terminal_life,codereview_club||Engenheiro, insónia, estrelas ✨
"""


def _profile(row: str) -> Profile:
    username, full_name, language, city, style, interests, marks, bio = row.split("|", 7)
    return Profile(username, full_name, language, city, style, tuple(interests.split(",")), marks, bio)


PROFILES: tuple[Profile, ...] = tuple(_profile(row) for row in _TABLE.strip().splitlines())
"""Sixty people; the first one is the demo account."""
DEMO_USER = "demo"

CHAT_PARTNER = "mara.lindqvist"
"""The user who answers in chat."""

PRIVATE_WITH_REQUEST = "saga.eriksson"
"""The private account that the demo user has asked to follow."""
