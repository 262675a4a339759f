"""Words that say nothing about what a document is about, in seven languages.

Articles, pronouns, prepositions, conjunctions, auxiliaries and the commonest adverbs:
closed classes, written down from the languages' grammars. One set serves all: texts of
our users mix languages, and a stop word of one is hardly ever a topic in another.
"""

_EN = """
a about above after again against all also although am among an and another any are as
at be because been before being below between both but by can could did do does doing
down during each either else ever every few for from further had has have having he her
here hers him his how however i if in into is it its just made make many may me might
more most much must my neither no nor not now of off often on once one only or other our
out over own per please same shall she should since so some such than that the their
them then there therefore these they this those through thus to too two under until up
upon us use used using very via was we well were what when where whether which while who
whom whose why will with within without would yes yet you your
"""
_DE = """
ab aber alle allem allen aller alles als also am an andere anderen anderer auch auf aus
bei beim bin bis bitte da dabei dadurch daher damit dann daran darauf das dass davon
dazu dein dem den denn der deren des dessen die dies diese diesem diesen dieser dieses
doch dort du durch ein eine einem einen einer eines er es etwa euch euer für gegen gemäß
gibt haben hat hatte hier ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im in indem
ins ist ja je jede jedem jeden jeder jedes jedoch kann kein keine keinen können man mehr
mein meine mit nach nicht nichts noch nun nur ob oder ohne pro schon sehr sein seine
seit sich sie sind so sofern soll sollen sollte sowie über um und uns unser unsere
unserem unseren unserer unter vom von vor war waren was weil welche welcher wenn wer
werden wie wieder wir wird wo worden wurde wurden während zu zum zur zwischen
"""
_FR = """
afin ai ainsi alors après au aucun aucune aussi autre autres aux avant avec avez avoir
avons ce cela celle celui ces cet cette ceux chaque chez ci comme comment dans de depuis
des donc dont du elle elles en encore entre est et être eu fait faire font hors il ils
je jusqu la le les leur leurs lors lorsque lui ma mais me même mes moi moins mon ne ni
nos notre nous on ont ou où par parce pas pendant peu peut plus pour pourquoi puis quand
que quel quelle quelles quels qui quoi sa sans se selon sera seront ses si sinon soit
son sont sous sur ta te tes toi ton tous tout toute toutes très tu un une vers voici vos
votre vous été était
"""
_ES = """
al algo algunas algunos ante antes aquel aquella así aun aunque bajo bien cada como con
contra cual cuales cuando de debe del desde donde dos durante e el ella ellas ellos en
entre era es esa ese eso esta este esto estos está están estas fue ha hace han hasta hay
he la las le les lo los más me mediante mi mis mientras muy nada ni no nos nosotros
nuestra nuestro o os otra otras otro otros para pero por porque pues que quien quienes
se según ser si sin sino sobre son su sus sí también tan tanto te tiene tienen toda
todas todo todos tras tu tus un una uno unos unas usted ustedes y ya yo
"""
_IT = """
a ad agli ai al alla alle allo anche ancora avere c che chi ci ciò come con contro cui
da dagli dai dal dalla dalle dallo degli dei del della delle dello dentro di dopo dove
due e ed era essere fra gli ha hanno ho i il in io l la le lei li lo loro lui ma mentre
mi mia mio molto ne negli nei nel nella nelle nello noi non nostra nostro o ogni oltre
oppure per perché però più poi presso prima qua quale quali quando quanto quella quelli
quello questa queste questi questo qui se sei senza si sia sono sopra sotto stata stato
su sua sue sugli sui sul sulla sulle sullo suo suoi tra tutte tutti tutto un una uno
verso vi voi vostra vostro è
"""
_NL = """
aan al alle alleen als altijd ander andere ben bij binnen daar dan dat de deze die dit
doch doen door dus een en er geen had heb hebben heeft hem het hier hij hoe hun iets ik
in indien is ja je jij jou jouw kan kon kunnen maar me meer men met mij mijn moet na
naar niet niets nog nu of om omdat onder ons onze ook op over per reeds te tegen ten ter
tijdens toch toen tot tussen u uit uw van vanaf veel voor want waren was wat we wel werd
wezen wie wij wil worden wordt zal ze zei zelf zich zij zijn zo zonder zou
"""
_PT = """
a ao aos aquela aquele aqui as assim até cada com como contra da das de dela dele deles
depois desde deve dos e ela elas ele eles em entre era essa esse esta este estas estes
está estão eu foi foram há isso isto já lhe mais mas me mediante mesmo meu minha muito
na nas nem no nos nossa nosso não o os ou outra outro para pela pelas pelo pelos por
porque qual quando que quem se seja sem ser será seu seus sobre sua suas são só também
tem ter toda todas todo todos um uma umas uns você à às é
"""

_CALENDAR = """
january february march april june july august september october november december jan
feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday
saturday sunday mon tue wed thu fri sat sun januar februar märz mai juni juli oktober
dezember montag dienstag mittwoch donnerstag freitag samstag sonntag janvier février
mars avril juin juillet août septembre octobre novembre décembre enero febrero marzo
abril mayo junio julio agosto septiembre octubre noviembre diciembre gennaio febbraio
aprile maggio giugno luglio settembre ottobre dicembre januari februari maart mei
augustus janeiro fevereiro março maio junho julho setembro outubro novembro dezembro
"""
_FORMAL = """
hello hi thank thanks kind regards sincerely faithfully attached enclosed frau herr
herrn hallo vielen dank gerne freundlichen grüßen geehrte geehrter geehrten anbei
bonjour madame monsieur merci cordialement cordiali saluti gentile estimado estimada
saludos gracias geachte groet prezado prezada obrigado obrigada eur usd gbp chf
ag art bv co company corp date datum dear gmbh inc kg llc ltd mr mrs ms name nr number
nummer page pagina plc re sa sarl seite sir srl subject tel
"""

STOP_WORDS = frozenset(
    word
    for words in (_EN, _DE, _FR, _ES, _IT, _NL, _PT, _CALENDAR, _FORMAL)
    for word in words.split()
)
"""In lower case, with their accents; and the words of dates, addresses and forms."""
