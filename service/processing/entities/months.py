"""Names of months in the languages that dates are read in, folded to ASCII."""

from collections.abc import Mapping

_NAMES: tuple[str, ...] = (
    (
        "january jan januar janner janvier janv gennaio gen enero ene januari janeiro "
        "stycznia styczen ledna leden"
    ),
    (
        "february feb februar fevrier fevr fev febbraio febb febrero februari "
        "fevereiro lutego luty unora unor feber"
    ),
    (
        "march mar marz maerz mrz mars marzo maart mrt marco "
        "marts marca marzec brezna brezen"
    ),
    "april apr avril avr aprile abril abr kwietnia kwiecien dubna duben",
    "may mai maggio mag mayo mei maio maj maja kvetna kveten",
    "june jun juni juin giugno giu junio junho czerwca czerwiec cervna cerven",
    "july jul juli juil juillet luglio lug julio julho lipca lipiec cervence cervenec",
    "august aug aout agosto ago augustus augusti sierpnia sierpien srpna srpen",
    (
        "september sep sept septembre settembre set sett septiembre setiembre setembro "
        "wrzesnia wrzesien zari"
    ),
    (
        "october oct okt oktober octobre ottobre ott octubre outubro out "
        "pazdziernika pazdziernik rijna rijen"
    ),
    "november nov novembre noviembre novembro listopada listopad listopadu",
    (
        "december dec dez dezember decembre dicembre dic diciembre dezembro "
        "desember grudnia grudzien prosince prosinec"
    ),
)
_FURTHER: tuple[str, ...] = (
    "tammikuuta tammikuu januar ianuarie ian ocak",
    "helmikuuta helmikuu februarie subat",
    "maaliskuuta maaliskuu marcius martie mart",
    "huhtikuuta huhtikuu aprilis aprilie nisan",
    "toukokuuta toukokuu majus mayis",
    "kesakuuta kesakuu junius iunie haziran",
    "heinakuuta heinakuu julius iulie temmuz",
    "elokuuta elokuu augusztus agustos",
    "syyskuuta syyskuu szeptember szept septembrie eylul",
    "lokakuuta lokakuu oktober octombrie ekim",
    "marraskuuta marraskuu noiembrie kasim",
    "joulukuuta joulukuu decembrie aralik",
)
"""The same in Finnish, Hungarian, Romanian and Turkish."""

MONTHS: Mapping[str, int] = {
    name: number
    for table in (_NAMES, _FURTHER)
    for number, names in enumerate(table, 1)
    for name in names.split()
}
