"""News agencies and picture agencies, as lines of credit and datelines call them."""

import re

_NEWS = """
Reuters, REUTERS, AFP, AP, ANI, PTI, IANS, UPI, dpa, DPA, EPA, EFE, ANSA, PA, HT, TASS, Xinhua,
KNA, epd, APA, SDA, Kyodo, Jiji, Yonhap, Interfax, UNIAN, Ukrinform, RIA Novosti, Anadolu Agency,
Anadolu Ajansı, Anadolu, Bloomberg, AAP, ANP, Belga, NTB, Ritzau, STT, TT, PAP, ČTK, CTK, TASR,
SITA, MTI, Agerpres, Mediafax, HINA, Hina, Tanjug, BTA, ΑΠΕ-ΜΠΕ, ΑΠΕ, LETA, BNS, ELTA, Lusa,
Europa Press, Adnkronos, LaPresse, AGI, Keystone-SDA, Notimex, Télam, Agência Brasil,
Estadão Conteúdo, Bernama, Antara, TTXVN, VNA, IRNA, WAM, SANA, DHA, İHA, AA, BelTA, ТАСС,
РИА Новости, Интерфакс, УНІАН, Укрінформ, БТА, The Associated Press, Associated Press,
Agence France-Presse, Press Association, PA Media, The Canadian Press, Canadian Press,
Press Trust of India, Deutsche Presse-Agentur
"""

_PICTURES = """
Getty Images, Getty, Shutterstock, Alamy, iStock, Adobe Stock, Depositphotos, Pixabay, Unsplash,
Pexels, Imago, IMAGO, picture alliance, picture-alliance, NurPhoto, SIPA, Zuma Press, Magnum, VCG,
ddp, Wikimedia Commons, Wikimedia
"""


def _pattern(names: str) -> str:
    return f"(?:{'|'.join(re.escape(name) for name in ' '.join(names.split()).split(', '))})"


AGENCY = _pattern(_NEWS)
"""A news agency; upper and lower case matter, since some are called like words."""

PICTURE_AGENCY = _pattern(_PICTURES)
