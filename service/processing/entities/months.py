"""Names of months in the seven languages that dates are read in, folded to ASCII."""

from collections.abc import Mapping

_NAMES: tuple[str, ...] = (
    "january jan januar janner janvier janv gennaio gen enero ene januari janeiro",
    "february feb februar fevrier fevr fev febbraio febb febrero februari fevereiro",
    "march mar marz maerz mrz mars marzo maart mrt marco",
    "april apr avril avr aprile abril abr",
    "may mai maggio mag mayo mei maio",
    "june jun juni juin giugno giu junio junho",
    "july jul juli juil juillet luglio lug julio julho",
    "august aug aout agosto ago augustus",
    "september sep sept septembre settembre set sett septiembre setiembre setembro",
    "october oct okt oktober octobre ottobre ott octubre outubro out",
    "november nov novembre noviembre novembro",
    "december dec dez dezember decembre dicembre dic diciembre dezembro",
)

MONTHS: Mapping[str, int] = {
    name: number for number, names in enumerate(_NAMES, 1) for name in names.split()
}
