"""Invented events in five languages, each with a first report and a follow-up by another outlet, for tests of time."""

from __future__ import annotations

from typing import NamedTuple


class Report(NamedTuple):
    """A title and an article; the first paragraph is the lead."""

    title: str
    article: str

    @property
    def lead(self) -> str:
        """Return the first paragraph."""
        return self.article.strip().partition("\n")[0]


class Followed(NamedTuple):
    """An event as two outlets report it, one after the other."""

    language: str
    first: Report
    later: Report


EVENTS = (
    Followed(
        "en",
        Report(
            "Hawthorn Bridge in Ellesby closed after crack is found in main cable",
            """The Hawthorn Bridge in Ellesby was closed to all traffic on Monday after inspectors found a crack in \
its main cable, the city's transport office said.
The 62-year-old suspension bridge carries 31,000 vehicles a day over the river Orran. Engineers from the firm Stavely \
Holm will examine the cable with ultrasound before the city decides when it can open again.
Mayor Joan Pettifer asked drivers to use the Millgate tunnel. Buses on lines 4 and 19 end at Quay Street, and ferries \
run every ten minutes until midnight.
The crack was seen by a painter on Sunday evening. "It is as long as my hand and I would not have walked on," said \
the painter, Lewis Amory.""",
        ),
        Report(
            "Cracked cable: Ellesby's Hawthorn Bridge to stay closed for six weeks",
            """The Hawthorn Bridge in Ellesby will stay closed for at least six weeks because the crack in its main \
cable is deeper than first thought, Mayor Joan Pettifer said.
Engineers from Stavely Holm found that moisture had entered the cable of the suspension bridge over the Orran. They \
want to wrap it with steel clamps, which have to be made in Tarnfeld first.
The city will pay for more ferries and for a third lane in the Millgate tunnel in the mornings. Some 31,000 vehicles \
used the bridge each day.
The painter who reported the crack, Lewis Amory, was invited to the town hall. The transport office had checked the \
cable two years ago and found it sound.""",
        ),
    ),
    Followed(
        "de",
        Report(
            "Großbrand zerstört Lagerhalle der Möbelfabrik Kestner in Aldenrode",
            """Ein Großbrand hat in der Nacht zum Dienstag eine Lagerhalle der Möbelfabrik Kestner in Aldenrode \
zerstört, wie die Feuerwehr mitteilte. Zwei Feuerwehrleute wurden leicht verletzt.
Rund 180 Einsatzkräfte kämpften bis zum Morgen gegen die Flammen, die sich von einem Trockner auf das Dach der Halle \
ausgebreitet hatten. Anwohner sollten Fenster und Türen geschlossen halten.
Die Möbelfabrik beschäftigt in Aldenrode 240 Menschen. Geschäftsführerin Ulrike Kestner schätzte den Schaden auf acht \
Millionen Euro. Die Produktion in den übrigen Hallen soll am Donnerstag wieder beginnen.
Die Kriminalpolizei hat die Ermittlungen zur Ursache aufgenommen. Die Landstraße nach Wiesbrück blieb bis zum Mittag \
gesperrt.""",
        ),
        Report(
            "Nach Brand in Aldenrode: Möbelfabrik Kestner nennt defekten Trockner als Ursache",
            """Nach dem Großbrand in der Möbelfabrik Kestner in Aldenrode gehen die Ermittler davon aus, dass ein \
defekter Trockner das Feuer in der Lagerhalle ausgelöst hat, sagte ein Sprecher der Kriminalpolizei.
Hinweise auf Brandstiftung gebe es nicht. Der Trockner war erst im Frühjahr gewartet worden. Die Halle muss \
abgerissen werden, weil das Dach eingestürzt ist.
Geschäftsführerin Ulrike Kestner versprach, alle 240 Arbeitsplätze zu erhalten. Den Schaden bezifferte sie weiter auf \
acht Millionen Euro.
Die beiden verletzten Feuerwehrleute konnten das Krankenhaus in Wiesbrück inzwischen verlassen. Das Land will der \
Möbelfabrik mit einem Kredit helfen.""",
        ),
    ),
    Followed(
        "es",
        Report(
            "Evacúan el hospital San Jacinto de Villamar por una fuga de gas",
            """Unas 320 personas fueron evacuadas el lunes del hospital San Jacinto de Villamar por una fuga de gas \
en la cocina, informaron los bomberos. No hubo heridos.
Los pacientes de cuidados intensivos fueron trasladados en ambulancia al hospital de Peñaclara. Los demás esperaron \
en el polideportivo municipal hasta que los técnicos cerraron la tubería.
La directora del hospital, Marta Olmedo, explicó que un obrero golpeó la tubería durante unas obras en el sótano. Las \
urgencias siguen cerradas y las operaciones previstas se aplazan.
El alcalde, Julián Ferrer, agradeció la ayuda de los vecinos, que llevaron mantas y agua a los pacientes.""",
        ),
        Report(
            "El hospital San Jacinto de Villamar reabre sus urgencias tras la fuga de gas",
            """El hospital San Jacinto de Villamar reabrió sus urgencias tras la fuga de gas que obligó a evacuar a \
unas 320 personas, anunció su directora, Marta Olmedo.
Los técnicos revisaron toda la red y cambiaron la tubería que un obrero golpeó durante las obras del sótano. Los \
bomberos midieron el aire en cada planta antes de dar permiso.
Los pacientes trasladados a Peñaclara volverán el miércoles. Las operaciones aplazadas se harán en los próximos diez \
días, según el hospital.
El alcalde, Julián Ferrer, pidió a la empresa de las obras que explique por qué trabajó sin planos de las tuberías.""",
        ),
    ),
    Followed(
        "fr",
        Report(
            "Un train de marchandises déraille près de Montbrison-sur-Aure, la ligne coupée",
            """Un train de marchandises a déraillé lundi matin près de Montbrison-sur-Aure, coupant la ligne entre \
Valmoise et la côte, a indiqué la préfecture. Le conducteur est légèrement blessé.
Onze wagons chargés de céréales se sont couchés sur les deux voies. Quatre cents mètres de rails et une caténaire \
sont à remplacer, selon l'exploitant du réseau.
Des autocars relient Valmoise à Port-Lannec toutes les demi-heures. La préfète Hélène Garrigue a demandé aux \
voyageurs de reporter leurs déplacements.
Une enquête est ouverte. Un agriculteur, Marcel Thibaud, dit avoir entendu un choc sourd puis vu un nuage de \
poussière au-dessus du talus.""",
        ),
        Report(
            "Train de marchandises déraillé à Montbrison-sur-Aure : un essieu rompu, la ligne fermée dix jours",
            """La rupture d'un essieu est à l'origine du déraillement d'un train de marchandises près de \
Montbrison-sur-Aure, et la ligne restera fermée dix jours, selon l'exploitant du réseau.
Les enquêteurs ont retrouvé l'essieu à deux kilomètres du lieu de l'accident. Les onze wagons de céréales doivent \
être levés par une grue venue de Valmoise.
La préfète Hélène Garrigue a annoncé des autocars supplémentaires vers Port-Lannec. Les rails et la caténaire seront \
remplacés de nuit.
Le conducteur, légèrement blessé, est rentré chez lui. Les syndicats demandent un contrôle de tous les wagons de ce \
type.""",
        ),
    ),
    Followed(
        "ru",
        Report(
            "В Верхнеозёрске прорвало плотину на реке Лысьве, эвакуированы 400 жителей",
            """В Верхнеозёрске в понедельник прорвало плотину на реке Лысьве, из опасной зоны эвакуированы 400 \
жителей, сообщили спасатели. Пострадавших нет.
Вода затопила шестьдесят домов и школу в посёлке Заречный. Уровень реки за ночь поднялся на два метра после сильных \
дождей.
Губернатор Олег Самарин ввёл режим чрезвычайной ситуации. Людей разместили в доме культуры и в гостинице «Лысьва», им \
привезли тёплую одежду и воду.
Плотину построили в 1958 году. Прокуратура проверит, почему ремонт, намеченный на лето, так и не начали.""",
        ),
        Report(
            "Плотину на Лысьве в Верхнеозёрске обещают восстановить за месяц",
            """Прорванную плотину на реке Лысьве в Верхнеозёрске восстановят за месяц, пообещал губернатор Олег \
Самарин. Вода из посёлка Заречный уходит.
Спасатели разрешили вернуться домой половине из 400 эвакуированных жителей. В школе и в шестидесяти домах откачивают \
воду.
Семьи получат выплаты до конца недели, сказал губернатор. Остальные пока живут в гостинице «Лысьва» и в доме культуры.
Прокуратура установила, что деньги на ремонт плотины, построенной в 1958 году, выделили ещё весной, но подрядчика не \
нашли.""",
        ),
    ),
)
