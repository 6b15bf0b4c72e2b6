#!/usr/bin/env python3
"""Writes countries.inc: for each country its codes and names, and its zone if the whole country has one.

Sources: iso3166.tab and zone.tab of the tz database (package tzdata); ISO 3166-1 for the three-letter codes; names that
carriers use beside those of iso3166.tab.

    services/supplier-tracking/carriers/make_countries.py >services/supplier-tracking/carriers/countries.inc
"""

import collections

ALPHA3 = """
AD AND AE ARE AF AFG AG ATG AI AIA AL ALB AM ARM AO AGO AQ ATA AR ARG AS ASM AT AUT AU AUS AW ABW AX ALA AZ AZE BA BIH
BB BRB BD BGD BE BEL BF BFA BG BGR BH BHR BI BDI BJ BEN BL BLM BM BMU BN BRN BO BOL BQ BES BR BRA BS BHS BT BTN BV BVT
BW BWA BY BLR BZ BLZ CA CAN CC CCK CD COD CF CAF CG COG CH CHE CI CIV CK COK CL CHL CM CMR CN CHN CO COL CR CRI CU CUB
CV CPV CW CUW CX CXR CY CYP CZ CZE DE DEU DJ DJI DK DNK DM DMA DO DOM DZ DZA EC ECU EE EST EG EGY EH ESH ER ERI ES ESP
ET ETH FI FIN FJ FJI FK FLK FM FSM FO FRO FR FRA GA GAB GB GBR GD GRD GE GEO GF GUF GG GGY GH GHA GI GIB GL GRL GM GMB
GN GIN GP GLP GQ GNQ GR GRC GS SGS GT GTM GU GUM GW GNB GY GUY HK HKG HM HMD HN HND HR HRV HT HTI HU HUN ID IDN IE IRL
IL ISR IM IMN IN IND IO IOT IQ IRQ IR IRN IS ISL IT ITA JE JEY JM JAM JO JOR JP JPN KE KEN KG KGZ KH KHM KI KIR KM COM
KN KNA KP PRK KR KOR KW KWT KY CYM KZ KAZ LA LAO LB LBN LC LCA LI LIE LK LKA LR LBR LS LSO LT LTU LU LUX LV LVA LY LBY
MA MAR MC MCO MD MDA ME MNE MF MAF MG MDG MH MHL MK MKD ML MLI MM MMR MN MNG MO MAC MP MNP MQ MTQ MR MRT MS MSR MT MLT
MU MUS MV MDV MW MWI MX MEX MY MYS MZ MOZ NA NAM NC NCL NE NER NF NFK NG NGA NI NIC NL NLD NO NOR NP NPL NR NRU NU NIU
NZ NZL OM OMN PA PAN PE PER PF PYF PG PNG PH PHL PK PAK PL POL PM SPM PN PCN PR PRI PS PSE PT PRT PW PLW PY PRY QA QAT
RE REU RO ROU RS SRB RU RUS RW RWA SA SAU SB SLB SC SYC SD SDN SE SWE SG SGP SH SHN SI SVN SJ SJM SK SVK SL SLE SM SMR
SN SEN SO SOM SR SUR SS SSD ST STP SV SLV SX SXM SY SYR SZ SWZ TC TCA TD TCD TF ATF TG TGO TH THA TJ TJK TK TKL TL TLS
TM TKM TN TUN TO TON TR TUR TT TTO TV TUV TW TWN TZ TZA UA UKR UG UGA UM UMI US USA UY URY UZ UZB VA VAT VC VCT VE VEN
VG VGB VI VIR VN VNM VU VUT WF WLF WS WSM YE YEM YT MYT ZA ZAF ZM ZMB ZW ZWE
""".split()

NAMES = {
    "US": ["United States of America", "U.S.A.", "U.S."],
    "GB": ["United Kingdom", "Great Britain", "England", "Scotland", "Wales", "Northern Ireland", "UK"],
    "DE": ["Deutschland", "Allemagne"], "AT": ["Österreich"], "CH": ["Schweiz", "Suisse"], "NL": ["The Netherlands"],
    "KR": ["South Korea", "Korea, Republic of", "Republic of Korea"], "CZ": ["Czechia"], "RU": ["Russian Federation"],
    "CN": ["Mainland China", "China, People's Republic"], "HK": ["Hong Kong SAR China", "Hong Kong SAR"],
    "TW": ["Taiwan, China"], "VN": ["Viet Nam"], "TR": ["Türkiye", "Turkiye"], "MK": ["Macedonia"], "MO": ["Macao"],
    "FR": ["France métropolitaine"], "IT": ["Italia"], "ES": ["España", "Espagne"], "BE": ["Belgique", "België"],
    "PL": ["Polska"], "DK": ["Danmark"], "SE": ["Sverige"], "NO": ["Norge"], "FI": ["Suomi"], "IE": ["Republic of Ireland"],
    "AE": ["UAE"], "CI": ["Cote d'Ivoire"], "MX": ["México"], "BR": ["Brasil"],
}
# Zones that one country has several of on paper, though all of its clocks agree, or nearly all.
ONE_ZONE = {"CN": "Asia/Shanghai", "DE": "Europe/Berlin", "VN": "Asia/Ho_Chi_Minh", "SG": "Asia/Singapore"}


def rows(name):
    with open("/usr/share/zoneinfo/" + name, encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t") for line in lines if not line.startswith("#")]


alpha3 = dict(zip(ALPHA3[::2], ALPHA3[1::2]))
zones = collections.defaultdict(list)
for row in rows("zone.tab"):
    zones[row[0]].append(row[2])
print("// Made by make_countries.py. Alpha-2, alpha-3, zone if the whole country has one, names.")
for code, name in rows("iso3166.tab"):
    zone = ONE_ZONE.get(code) or (zones[code][0] if len(zones[code]) == 1 else "")
    names = [name.replace(" & ", " and ").replace("Britain (UK)", "Britain")] + NAMES.get(code, [])
    names = [n for i, n in enumerate(names) if n not in names[:i]]
    print('{"%s", "%s", "%s", {%s}},' % (code, alpha3[code], zone, ", ".join('"%s"' % n for n in names)))
