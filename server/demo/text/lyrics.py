"""Words of the songs: four verse lines, four chorus lines, four lines of a second verse, two of a bridge."""

# ruff: noqa: E501  the corpus reads best with one sentence a line

from dataclasses import dataclass


@dataclass(frozen=True)
class SongText:
    """The text of one song and its language."""

    language: str
    verse: tuple[str, ...]
    chorus: tuple[str, ...]
    second_verse: tuple[str, ...]
    bridge: tuple[str, ...]


_TEXTS = """
umbrella-left-on-the-tram|en
You left your umbrella on the number nine / The driver put it up against the glass / It went as far as the end of the line / And watched the dry and hurried people pass
So ride, ride, around again / There is a seat that keeps the rain / If you come back, I will be there / With half a song and wet-dog hair
A lady asked it if the seat was free / A boy drew faces on the foggy pane / It thought of you, it thought of me / It thought of home and thought of rain
Lost and found is closed on Sundays / Lost and found is you and me
second-cup|fr
Le café refroidit près du calendrier / Tu parles de mardi comme d'un voyage / La radio grésille, on la laisse parler / Un moineau picore le bord du nuage
Encore une tasse, encore un peu / Le jour n'a pas besoin de nous / Encore une tasse, on est si peu / Pressés d'aller n'importe où
Ta veste dort sur la chaise en bois / Le chat négocie un rayon de soleil / J'ai trois messages, je ne les lis pas / Dimanche est un pays sans réveil
Si quelqu'un sonne, on n'est pas là / On est ici, c'est déjà ça
window-third-floor|ja
三階の窓に灯りがつく / 知らない人の夕ごはん / 帰り道だけ少し遠く / 今日も歩いて行こうかな
窓をあけて 風をいれて / 名前のない夜に手をふって / 窓をあけて 耳をすませて / 遠い電車の音がする
洗濯物が星を数え / 猫は屋根の上で会議中 / 言えなかったことを思い出して / ポケットの中であたためる
おやすみ また明日 / おやすみ 知らない人
pencil-shavings|en
I wrote your name and rubbed it out / The paper kept a little scar / The teacher asked what it's about / I said it's just how circles are
Pencil shavings on the floor / I sharpen what I had before / The shorter that it gets, I swear / The more of it is in the air
The clock has got a friendly face / It lies to me by half an hour / The sun has moved into your place / And drawn a line around a flower
Turn the page / Turn the page and start again
sodium-lights|en
Orange city, empty lane / Every signal turning green / We were driving through the rain / Past the places we had been
Sodium lights, carry me over / Under the bridge and down to the sea / Sodium lights, older and older / Nobody waits up but the lights and me
Your reflection in the glass / Looking younger than you are / Counting towers as we pass / Twenty-one of them so far
Don't switch them off / Not before the morning does
last-ferry-north|de
Die Fähre wartet nicht auf uns / Der Kai ist lang, der Wind ist laut / Wir haben Salz im letzten Kuss / Und Gänsehaut auf Gänsehaut
Nach Norden, nach Norden, die Nacht ist aus Stahl / Wir zählen die Lichter ein letztes Mal / Nach Norden, nach Norden, und keiner weiß wann / Das Wasser hört auf und das Singen fängt an
Im Speisesaal spielt einer Skat / Die Möwe fährt umsonst und gut / Du sagst, du hast es immer gehasst / Und ziehst ihn trotzdem an, den Hut
Halt die Hand / Halt die Hand bis Land in Sicht
cassette-heart|en
Side A was the summer, side B was the fall / You recorded the thunder right over it all / I still wind the ribbon by hand in the car / It tells me exactly how far away you are
Rewind, rewind, my cassette heart / I know the ending, play me the start / A little bit slower, a little bit worn / Rewind to the night before leaving was born
There's hiss in the quiet, there's love in the hiss / A laugh in the gap that I nearly missed / Your brother was knocking, you whispered the name / Of a song that has never once sounded the same
Stop. Eject. / Turn me around
chrome-and-jasmine|es
Cromo y jazmín en la noche sin fin / Tu risa doblando la esquina / El semáforo en rojo dice que sí / La luna se pinta en vitrina
Corre conmigo, que no hay final / La costa es un hilo de luz / Corre conmigo, da igual, da igual / Quién lleva el volante eres tú
Un perro dormido, un bar de neón / Un taxi que canta bajito / Yo guardo en el bolsillo izquierdo el son / Y tú en el derecho, un mosquito
Cuando amanezca / no digas nada
salt-on-the-glass|en
There's salt on the glass and the sun going slow / The speakers are older than all that we know / Somebody's cousin is cutting the lime / Nobody here has been looking at time
Stay on the terrace, stay with the sound / Let it go over, let it go round / Stay on the terrace, stay where you are / Nobody's leaving, it isn't that far
The tide took a sandal, it gave back a shell / You told me a secret, I promised to tell / The shutters are open, the kitchen is on / The last of the light is a very good song
One more / Then one more after that
half-past-golden|it
Sono le mezza e già d'oro è la via / La sedia di plastica sa di allegria / Passa un motorino con sopra l'estate / Le nonne commentano, mai sconcertate
Balla, balla, finché resta la luce / Il mare ci copia, la notte ci cuce / Balla, balla, nessuno ha premura / La sera è una stanza senza serratura
Hai sabbia nei libri e limone nei baci / I gatti discutono, sono efficaci / Il vento ha cambiato canzone da solo / Un piatto, un bicchiere, un applauso, un volo
Ancora un po' / Ancora un po' di sole
shutters-open|en
Shutters open, shadows on the floor / Somebody's dancing in the flat next door / Two steps forward, one across the tile / Haven't heard that record for a while
Let it in, let it in, let the whole street in / Let the bass come up where the walls are thin / Let it in, let it in, there is room for more / You can leave your worry with the shoes at the door
Shutters open, basil in the pan / Nobody here is sticking to the plan / Call your sister, tell her bring the drum / Call the ones who said they wouldn't come
Higher / Higher than the washing line
the-millers-umbrella|en
The miller had an umbrella made of oak and of tar / He lent it to the river and it didn't get far / It sailed past the church and it sailed past the inn / And it let all the weather of the valley come in
Oh, open it wide, let the water go by / There's a hole in the middle to look at the sky / Oh, open it wide, there is room for us three / The miller, the river, the umbrella and me
His daughter went looking with a lamp and a rope / She found it at evening full of minnows and hope / She carried it home on her back like a shell / And what else she carried I never will tell
And the wheel goes round / And the wheel goes round
heron|en
Grey as a letter nobody sends / Stood in the place where the deep water bends / I held my breath till the light went thin / You didn't let the morning in
Heron, heron, what do you know / Standing so still while the rest of us go / Heron, heron, teach me to wait / The river is early, and I'm always late
I brought you my worries, I brought you my bread / You looked at the water beside me instead / A ring on the surface, a flash and it's done / You fold up your shadow and carry the sun
Nothing is missing / Nothing is far
stile-and-hedge|en
Over the stile and under the thorn / The path is as old as the day it was worn / You had the map and I had the cheese / The wind had the opinions, the oats had the breeze
So walk with me, walk with me, seven miles more / There's always a gate and there's always a door / Walk with me, walk with me, mud to the knee / The long way is short in the right company
A farmer said left and his brother said right / His dog said to stay till the end of the night / We slept in the barn with the stars coming through / And I counted the holes and I counted on you
Close the gate / Close the gate behind you
letters-across-the-weir|en
I folded you a paper boat and wrote along the side / I told it all my reasons and I gave it to the tide / The weir was loud with winter and it took it like a stone / By spring there came an answer in a hand I'd never known
Who reads the river, who writes it down / Who knows the words on the far side of town / I'll send another, I'll send it slow / The water remembers wherever we go
She wrote of frost on harness and a brother gone to sea / She asked if there were apples, and was somebody with me / I looked up all the churchyards and I found her by the wall / Two hundred years of quiet, and the ink not dry at all
Dear stranger / Dear stranger, I am here
janela-acesa|pt
Tem uma janela acesa na ladeira / Alguém canta baixo pra ninguém ouvir / A noite se deita na beira da esteira / E o mar faz de conta que vai dormir
Deixa acesa, deixa, meu bem / Que eu volto devagar, eu volto também / Deixa acesa, deixa brilhar / A tua janela é o meu lugar
O cachorro conhece o meu passo torto / A chuva conhece o meu paletó / O barco que dança sozinho no porto / Me disse que dança porque está só
E quando o dia chegar / Apaga a luz com um beijo
compasso-de-espera|pt
No compasso de espera eu aprendi teu nome / Na pausa da música, o coração / O relógio da sala tem sempre fome / E come os segundos na minha mão
Espera, espera, que o tempo é de vime / Se dobra, se curva, não quebra jamais / Espera, espera, amor não é crime / É só uma nota que dura demais
Teu vestido pendura a tarde na porta / O gato decide que é hora de sol / A tristeza, coitada, já nasceu torta / Sentou-se na cama, puxou o lençol
Um, dois, e / Ninguém entrou
mare-baixa|pt
Maré baixa, pé na areia / O caranguejo vai contar / Que a lua estava meia cheia / De vontade de voltar
Vai e vem, vem e vai / Quem espera não cai / Vem e vai, vai e vem / Quem não tem pressa, tem
Minha avó guardava o vento / Numa lata de café / Quando eu abro, por um momento / Sei direitinho quem é
Maré alta / Nós também
exact-change|en
I got a nickel and a button and a bus to catch / A pocket with a hole and a sewing match / The driver says exact and I say that's me / I'm exactly what I'm gonna be
Exact change, baby, nothing on the side / Exact change, get in and ride / Put it in the box and hear it ring / You don't need a lot to have everything
The lady in the front got a bag of greens / The man in the back got ripped-up jeans / The wheels on the groove go round and deep / The baby in the middle is fast asleep
Break it down to the penny / Break it down
elbows-off-the-table|en
Mama said elbows off the damn tablecloth / Papa said nothing, he was into the broth / Uncle had the rhythm with a fork and a spoon / And the dog under the table was a half step out of tune
Elbows off! (Elbows off!) Put your hands in the air / Elbows off! (Elbows off!) There's gravy everywhere / If the plate starts to shake then the kitchen is on / Elbows off the table till the pudding is gone
Grandma took a solo on the pepper mill / Auntie hit the window and it's ringing still / The neighbours came to holler and they stayed for the pie / Now there's nine in the kitchen and the ceiling is high
Pass the salt / Pass it on the one
corner-shop-at-noon|en
Corner shop at noon and the bell goes ding / Everybody's buying the same old thing / A pint of something, a bag of that / And the whole shop's ruled by a one-eyed cat
Hey, how you doing, how's your mother's knee / Same as the last time, thanks for asking me / Hey, how you doing, see you later, soon / Whole world's talking at the corner shop at noon
There's a note on the window about a lost grey glove / A card for a drummer and a card about love / He weighs out the peppers like he's weighing a song / And he always adds one, and it's never been wrong
Ding / Ding goes the bell
signal-from-below|en
Lamp turn slow and the water turn black / Send out a message and it never come back / Deep down under there's a drum and a bell / What it is saying no sailor can tell
Signal, signal from below / Higher the tower, deeper it go / Signal, signal, hold your light / Somebody down there is working tonight
Keeper up the stairs with the paraffin can / Ninety-nine steps for a one-step man / Fog on the window and salt in the bread / Bass in the stone and the echo in your head
Below / Below, below
keepers-echo|el
Ο φάρος γυρίζει, το φως δεν μιλά / Η θάλασσα ξέρει, το κύμα γελά / Ανέβα τη σκάλα, κρατήσου γερά / Το αύριο φτάνει με πλοία αργά
Ηχώ, ηχώ, φέρε το πίσω / Το όνομα που δεν τολμώ να αφήσω / Ηχώ, ηχώ, πάρε το πέρα / Κάνε τη νύχτα λίγο ημέρα
Αλάτι στο ψωμί, σκουριά στο κλειδί / Ο γλάρος φωνάζει σαν μικρό παιδί / Ένα καράβι περνά και σφυρά / Και λέω κι εγώ πως περνώ καλά
Φως / Φως και σιωπή
paraffin-dub|en
Fill up the lantern and polish the brass / Tell all the shadows they're welcome to pass / Tin roof rattle and the kettle reply / One drop falling from the rim of the sky
Paraffin, paraffin, burn it low / Leave it in the window for the ones you know / Paraffin, paraffin, burn till day / The dark is a river and it's running away
Radio says there's a storm on the way / Radio said it the whole of the day / We've got the speakers, we've got the wall / The storm wants to dance, that's all, that's all
Low / Burn it low
"""


def _parse() -> dict[str, SongText]:
    rows = _TEXTS.strip().splitlines()
    texts = {}
    for start in range(0, len(rows), 5):
        key, language = rows[start].split("|")
        parts = [tuple(row.split(" / ")) for row in rows[start + 1 : start + 5]]
        texts[key] = SongText(language, *parts)
    return texts


LYRICS: dict[str, SongText] = _parse()
"""Song texts by track key; tracks that are missing here are instrumental."""
