"""Telling from the name of a folder or file which part of a dataset it holds."""

import re
import unicodedata
from typing import NamedTuple

NAMES = {
    "train": ("train", "training", "trn"),
    "val": ("val", "valid", "validation", "validate", "dev", "development", "eval", "evaluation", "holdout"),
    "test": ("test", "testing", "tst"),
}
"""Names of each part, in small letters; those of archives of Kaggle, GitHub and Roboflow among them."""

_OTHER_LANGUAGES = {
    "train": (
        *("trainings", "entrainement", "apprentissage", "entrenamiento", "addestramento", "treino", "treinamento"),
        *("treningowy", "treningowe", "trening", "trenovaci", "egitim", "latih", "pelatihan"),
        *("训练", "訓練", "学習", "학습", "훈련", "обучение", "обучающая", "تدريب"),
    ),
    "val": (
        *("validierung", "validierungs", "validacion", "validacao", "validazione"),
        *("validatie", "walidacyjny", "walidacyjne", "walidacja", "validacni", "dogrulama", "validasi", "validering"),
        *("验证", "驗證", "検証", "검증", "валидация", "проверка", "تحقق"),
    ),
    "test": (
        *("tests", "prueba", "pruebas", "teste", "testen", "testowy", "testowe", "testovaci", "uji", "pengujian"),
        *("测试", "測試", "テスト", "테스트", "тест", "اختبار"),
    ),
}
"""Words of the same meaning in German, Dutch, Swedish, French, Spanish, Italian, Portuguese, Polish, Czech, Turkish,
Indonesian, Chinese, Japanese, Korean, Russian and Arabic, without accents."""

_FILLING = frozenset(
    [
        *("set", "sets", "data", "dataset", "datasets", "split", "folder", "dir", "x"),
        *("img", "imgs", "image", "images", "jpg", "png"),
        *("pic", "pics", "picture", "pictures", "photo", "photos", "files", "samples"),
        *("daten", "bilder", "datos", "dati", "dados", "donnees", "imagenes", "immagini", "imagens"),
        *("集", "数据", "数据集", "資料", "データ", "图片", "图像", "画像", "데이터", "выборка", "данные"),
    ]
)
"""Words beside the name of a part that say nothing of which one it is."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_a-zA-Z]+")
_GLUED = re.compile(
    "({})({})?".format(
        *(
            "|".join(sorted(words, key=len, reverse=True))
            for words in ([one for table in (NAMES, _OTHER_LANGUAGES) for known in table.values() for one in known], _FILLING)
        )
    )
)
_KINDS = {name: kind for table in (NAMES, _OTHER_LANGUAGES) for kind, names in table.items() for name in names}


class SplitName(NamedTuple):
    """What a name says.

    Attributes:
        kind: ``train``, ``val`` or ``test``.
        rest: the other words of the name, without those that mean nothing, and without numbers: ``mnist`` of ``mnist_train``.
    """

    kind: str
    rest: tuple[str, ...]


def split_name(name: str) -> SplitName | None:
    """Return the part of a dataset that a name has a word for, in any usual spelling; None for another name.

    Example:
        >>> split_name("train2017"), split_name("Validation Set")
        (SplitName(kind='train', rest=()), SplitName(kind='val', rest=()))
        >>> split_name("seg_test"), split_name("trainval").kind, split_name("restaurant")
        (SplitName(kind='test', rest=('seg',)), 'train', None)
    """
    kinds: set[str] = set()
    rest = []
    for found in _WORD.findall(_plain(name)):
        word = found.lower()
        glued = _GLUED.fullmatch(word)
        if word == "trainval":
            kinds |= {"train"}
        elif glued is not None:
            kinds.add(_KINDS[glued[1]])
        elif word not in _FILLING:
            rest.append(word)
    if kinds == {"train", "val"}:  # Both, to train on: the usual meaning of train_val.
        kinds = {"train"}
    return SplitName(kinds.pop(), tuple(rest)) if len(kinds) == 1 else None


def _plain(name: str) -> str:
    """Return a name without accents on Latin letters, with full-width letters as usual ones."""
    parts = unicodedata.normalize("NFKD", name)
    latin = "".join(part for part in parts if not "\u0300" <= part <= "\u036f")
    return unicodedata.normalize("NFC", latin)
