"""Formats that users pass as CSV by mistake, recognized by their first bytes."""

import re

from hepfold.core import logs

HEAD_BYTES = 4096
OFFICE_MEMBER = "[Content_Types].xml"
UNPACK, CONVERT = "unpack it", "convert it to CSV, Parquet or ROOT"
UTF8 = "save it as UTF-8"
# First bytes of a file, its format, and what to do.
FORMATS = (
    (rb"\xff\xfe|\xfe\xff|([\n\r -~]\0){4}|(\0[\n\r -~]){4}", "UTF-16 text", UTF8),
    (
        rb"(?i)\s*<(!doctype|html|head|body|\?xml)",
        "an HTML or XML page, perhaps an error message of a server",
        "download the file again",
    ),
    (
        rb"version https://git-lfs",
        "a Git LFS pointer in place of the file",
        "run `git lfs pull`",
    ),
    (rb"(?s).{257}ustar", "a tar archive", UNPACK),
    (rb"PK(\x03\x04|\x05\x06)", "an empty zip archive or one within another", UNPACK),
    (
        rb"\x1f\x8b|BZh[1-9]1AY&SY|\xfd7zXZ\0|\x28\xb5\x2f\xfd",
        "compressed twice",
        UNPACK,
    ),
    (rb"7z\xbc\xaf", "a 7z archive", UNPACK),
    (rb"Rar!\x1a", "a RAR archive", UNPACK),
    (rb"\x04\x22\x4d\x18", "compressed by LZ4", UNPACK),
    (rb"PAR1", "a Parquet file that is compressed or in an archive", UNPACK),
    (rb"root\0", "a ROOT file that is compressed or in an archive", UNPACK),
    (rb"\x89HDF", "an HDF5 file", CONVERT),
    (rb"\x93NUMPY", "a NumPy array", CONVERT),
    (rb"ARROW1|FEA1", "an Arrow or Feather file", CONVERT),
    (rb"%PDF", "a PDF document", CONVERT),
    (rb"\xd0\xcf\x11\xe0", "an Excel or Office document", "save it as CSV"),
    (rb"(?i)(\s*%[^\n]*\n)*\s*@relation", "an ARFF file", CONVERT),
    (rb"\s*(\{\s*\"|\[\s*[\[{])", "JSON", CONVERT),
    (rb"[-+.\de]+( \d+:[-+.\de]+){2}", "text in LIBSVM format", CONVERT),
    (rb"(?s)[^\0]*\0", "binary data, not text", CONVERT),
)


def check_text(path: str, block: bytes) -> None:
    """Raise an error if the first block of a file shows a format other than CSV."""
    head = block[:HEAD_BYTES]
    for begins, what, advice in FORMATS:
        if re.match(begins, head):
            raise logs.InputError(f"{path}: {what}; {advice}")


def printable(text: str) -> str:
    """The text with a question mark for each character that cannot be printed."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
