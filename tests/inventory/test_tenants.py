"""Tenant files: what is right, what is wrong and where, and that a million rows fit in."""

from __future__ import annotations

import csv
import gzip
import io
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellfleet.inventory.finding import Finding, Severity
from cellfleet.inventory.tenants import blocks, faults, rules
from cellfleet.inventory.tenants.columns import Load, Tenants
from cellfleet.inventory.tenants.read import read

CELLS = ("us-1", "us-2")
TODAY = date(2026, 11, 24)
HEADER = "id,slug,cell,group,requests_per_second,storage_gib"
WITH_ALIASES = HEADER + ",alias_of,expires"
GOOD = """\
1,ada,us-1,,1.5,2
2,bob,us-1,pair,0,0.25
3,cyd,us-2,pair,4,1e2
"""


def tenants(tmp_path: Path, content: str | bytes, file: str = "tenants.csv") -> tuple[Tenants, list[str]]:
    """What `read` makes of a file, its findings each as `line:column RULE`."""
    read_, findings = found(tmp_path, content, file)
    return read_, [f"{at.line}:{at.column} {finding.rule}" for finding in findings for at in [finding.location]]


def found(tmp_path: Path, content: str | bytes, file: str = "tenants.csv") -> tuple[Tenants, tuple[Finding, ...]]:
    path = tmp_path / file
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read(path, CELLS, TODAY, name=file)


# --- what is right --------------------------------------------------------------------------------------------------


def test_tenants_come_as_columns_and_are_added_up_by_cell(tmp_path: Path) -> None:
    read_, findings = tenants(tmp_path, f"{HEADER}\n{GOOD}")
    assert findings == []
    assert len(read_) == 3
    assert read_.by_cell == {"us-1": Load(2, 1.5, 2.25), "us-2": Load(1, 4.0, 100.0)}
    assert read_.rows["slug"].to_pylist() == ["ada", "bob", "cyd"]
    assert read_.rows["group"].to_pylist() == ["", "pair", "pair"]


@pytest.mark.parametrize(
    "content",
    [
        f"{HEADER}\n{GOOD}".rstrip("\n"),
        f"{HEADER}\n{GOOD}".replace("\n", "\r\n"),
        f"\ufeff{HEADER}\n{GOOD}",
        "\n".join(",".join(f'"{field}"' for field in line.split(",")) for line in f"{HEADER}\n{GOOD}".splitlines()),
        "".join(",".join(reversed(line.split(","))) + "\n" for line in f"{HEADER}\n{GOOD}".splitlines()),
    ],
    ids=["no-last-newline", "crlf", "byte-order-mark", "all-quoted", "columns-in-another-order"],
)
def test_what_other_programs_write_is_read_alike(tmp_path: Path, content: str) -> None:
    read_, findings = tenants(tmp_path, content)
    assert findings == []
    assert read_.by_cell == {"us-1": Load(2, 1.5, 2.25), "us-2": Load(1, 4.0, 100.0)}


def test_a_gzipped_file_is_read_and_its_faults_are_found_where_they_stand(tmp_path: Path) -> None:
    packed = gzip.compress(f"{HEADER}\n{GOOD}4,dan,us-3,,1,1\n".encode())
    assert tenants(tmp_path, packed, "tenants.csv.gz")[1] == ["5:7 INV-55"]


def test_an_alias_is_a_further_name_and_no_tenant(tmp_path: Path) -> None:
    content = f"{WITH_ALIASES}\n1,ada,us-1,,1,2,,\n,countess,,,,,ada,2026-11-24\n"
    read_, findings = tenants(tmp_path, content)
    assert findings == []
    assert read_.by_cell["us-1"] == Load(1, 1.0, 2.0)
    assert read_.aliases.to_pylist() == [{"slug": "countess", "alias_of": "ada", "expires": TODAY}]


def test_a_file_of_a_header_alone_has_no_tenants(tmp_path: Path) -> None:
    read_, findings = tenants(tmp_path, HEADER)
    assert findings == []
    assert read_.by_cell == {"us-1": Load(), "us-2": Load()}


# --- what is wrong, and where ---------------------------------------------------------------------------------------

WRONG_ROWS = [  # a row after ada, bob and cyd, so on line 5, and what is found
    ("4,dan,us-1,,1", ["5:1 INV-52"]),
    ("4,dan,us-1,,1,1,1", ["5:1 INV-52"]),
    ("", ["5:1 INV-52"]),
    ('4,"dan,us-1,,1,1', ["5:3 INV-52"]),
    ('4,"dan"ny,us-1,,1,1', ["5:8 INV-52"]),
    ('4,da"n",us-1,,1,1', ["5:5 INV-52"]),
    ("4,dan\rny,us-1,,1,1", ["5:6 INV-52"]),
    ("4,dän,us-1,,1,1".encode("latin-1"), ["5:4 INV-52"]),
    ("ä,dan\xff,us-1,,1,1".encode() + b"\xff", ["5:17 INV-52"]),
    (",dan,us-1,,1,1", ["5:1 INV-53"]),
    ("no spaces,dan,us-1,,1,1", ["5:1 INV-53"]),
    ("4,,us-1,,1,1", ["5:3 INV-53"]),
    ("4,Dan,us-1,,1,1", ["5:3 INV-53"]),
    ("4,-dan,us-1,,1,1", ["5:3 INV-53"]),
    (f"4,{'d' * 64},us-1,,1,1", ["5:3 INV-53"]),
    ("4,dan,us-1,a group,1,1", ["5:12 INV-53"]),
    ("4,dan,us-1,,one,1", ["5:13 INV-53"]),
    ("4,dan,us-1,,1_0,1", ["5:13 INV-53"]),
    ("4,dan,us-1,,nan,1", ["5:13 INV-53"]),
    ("4,dan,us-1,,1,inf", ["5:15 INV-53"]),
    ("4,dan,us-1,,1,1e999", ["5:15 INV-53"]),
    ("4,dan,us-1,,-1,1", ["5:13 INV-53"]),
    ("4,dan,us-1,,,1", ["5:13 INV-53"]),
    ("1,dan,us-1,,1,1", ["5:1 INV-54"]),
    ("4,ada,us-1,,1,1", ["5:3 INV-54"]),
    ("4,dan,us-3,,1,1", ["5:7 INV-55"]),
    ("4,dan,,,1,1", ["5:7 INV-55"]),
    ('"4","dan","us-3",,1,1', ["5:11 INV-55"]),
    ("1,Dan,us-3,,x,-1", ["5:1 INV-54", "5:3 INV-53", "5:7 INV-55", "5:13 INV-53", "5:15 INV-53"]),
]


@pytest.mark.parametrize(("row", "expected"), WRONG_ROWS)
def test_each_fault_is_found_at_its_line_and_column(tmp_path: Path, row: str | bytes, expected: list[str]) -> None:
    last = row if isinstance(row, bytes) else row.encode()
    assert tenants(tmp_path, f"{HEADER}\n{GOOD}".encode() + last + b"\n5,eve,us-1,,1,1\n")[1] == expected


WRONG_ALIASES = [  # a row after ada and her alias countess, so on line 4
    (",byron,,,,,nobody,2027-01-01", ["4:12 INV-55"]),
    (",byron,,,,,countess,2027-01-01", ["4:12 INV-55"]),
    (",ada,,,,,ada,2027-01-01", ["4:2 INV-54"]),
    (",countess,,,,,ada,2027-01-01", ["4:2 INV-54"]),
    (",byron,,,,,ada,", ["4:16 INV-56"]),
    (",byron,us-1,,,,ada,2027-01-01", ["4:8 INV-56"]),
    ("9,byron,,,1,,ada,2027-01-01", ["4:1 INV-56", "4:11 INV-56"]),
    (",byron,,,,,ada,2027-02-30", ["4:16 INV-53"]),
    ("2,byron,us-1,,1,1,,2027-01-01", ["4:20 INV-56"]),
    (",byron,,,,,ada,2026-11-23", ["4:16 INV-57"]),
]


@pytest.mark.parametrize(("row", "expected"), WRONG_ALIASES)
def test_each_fault_of_an_alias_is_found_at_its_line_and_column(tmp_path: Path, row: str, expected: list[str]) -> None:
    content = f"{WITH_ALIASES}\n1,ada,us-1,,1,2,,\n,countess,,,,,ada,2027-01-01\n{row}\n"
    assert tenants(tmp_path, content)[1] == expected


def test_an_expired_alias_is_a_warning(tmp_path: Path) -> None:
    _, (finding,) = found(tmp_path, f"{WITH_ALIASES}\n1,ada,us-1,,1,2,,\n,countess,,,,,ada,2020-01-01\n")
    assert finding.severity is Severity.WARNING


WRONG_HEADERS = [
    ("", ["1:1 INV-51"]),
    (b"\xff\xfei\x00d\x00", ["1:1 INV-51"]),
    (HEADER.replace("slug", "slag"), ["1:1 INV-51", "1:4 INV-51"]),
    (HEADER.replace(",group", ""), ["1:1 INV-51"]),
    (HEADER + ",id", ["1:52 INV-51"]),
    (HEADER + ",alias_of", ["1:1 INV-51"]),
    (
        GOOD.splitlines()[0],
        ["1:1 INV-51"] * 7 + ["1:3 INV-51", "1:7 INV-51", "1:12 INV-51", "1:13 INV-51", "1:17 INV-51"],
    ),
]


@pytest.mark.parametrize(("header", "expected"), WRONG_HEADERS)
def test_a_wrong_header_is_all_that_is_found(tmp_path: Path, header: str | bytes, expected: list[str]) -> None:
    first = header if isinstance(header, bytes) else header.encode()
    assert tenants(tmp_path, first + b"\n4,dan,us-9,,1,1\n" if first else first)[1] == expected


def test_a_misspelt_column_and_cell_are_answered_with_the_nearest(tmp_path: Path) -> None:
    _, findings = found(tmp_path, HEADER.replace("storage_gib", "storage_gb") + "\n")
    assert "did you mean storage_gib?" in {finding.remedy for finding in findings}
    _, findings = found(tmp_path, f"{HEADER}\n4,dan,us1,,1,1\n")
    assert [finding.remedy for finding in findings] == ["did you mean us-1?"]


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "not.csv.gz").write_text(f"{HEADER}\n{GOOD}")
    (tmp_path / "half.csv.gz").write_bytes(gzip.compress(f"{HEADER}\n{GOOD}".encode())[:-12])
    for file in ("missing.csv", "folder.csv", "not.csv.gz", "half.csv.gz", "n\0l.csv"):
        read_, findings = read(tmp_path / file, CELLS, TODAY)
        assert [finding.rule for finding in findings] == ["INV-50"], file
        assert len(read_) == 0


def test_lines_are_counted_across_blocks(tmp_path: Path) -> None:
    rows = "".join(f"{number},tenant-{number:040},us-1,,1,1\n" for number in range(120_000))
    assert len(rows) > blocks.SIZE
    content = f"{HEADER}\n{rows[:-1]}0\nlast,tenant-{7:040},us-1,,1\n"
    assert tenants(tmp_path, content)[1] == ["120002:1 INV-52"]
    assert tenants(tmp_path, content.replace(",us-1,,1\n", ",us-9,,1,1\n"))[1] == [
        "120002:6 INV-54",
        "120002:54 INV-55",
    ]


def test_what_was_wrong_before_a_file_broke_off_is_told_too(tmp_path: Path) -> None:
    rows = "".join(f"{number},tenant-{number**9 % 7919},us-1,,1,1\n" for number in range(3, 400_000))
    packed = gzip.compress(f"{HEADER}\n1,Ada,us-1,,1,1\n{rows}".encode())
    found_ = tenants(tmp_path, packed[: -len(packed) // 10], "tenants.csv.gz")[1]
    assert "0:0 INV-50" in found_
    assert "2:3 INV-53" in found_


# --- how much is said -----------------------------------------------------------------------------------------------


def test_of_many_alike_the_first_are_shown_and_the_rest_counted(tmp_path: Path) -> None:
    rows = "".join(f"{number},t{number},us-9,,1,1\n" for number in range(1000))
    _, findings = found(tmp_path, f"{HEADER}\n{rows}")
    assert len(findings) == faults.SHOWN + 1
    assert findings[-1].message.startswith("990 more lines")
    assert findings[-1].location.line == 2 + faults.SHOWN


def test_duplicates_are_counted_too(tmp_path: Path) -> None:
    rows = "".join(f"{number},t{number % 10},us-1,,1,1\n" for number in range(1000))
    _, findings = found(tmp_path, f"{HEADER}\n{rows}")
    assert len(findings) == faults.SHOWN + 1
    assert findings[0].message == "the slug is the one of line 2"
    assert findings[-1].message.startswith("980 more lines")


def test_a_log_shows_no_customer_but_the_start_of_a_value_without_its_form(tmp_path: Path) -> None:
    secret = "Very-Important-Customer-Of-Ours"
    _, findings = found(tmp_path, f"{HEADER}\n1,{secret},us-1,,1,1\n2,quiet,us-1,,x,1\n2,quiet,us-9,,1,1\n")
    said = repr(findings)
    assert len(findings) == 5
    assert "quiet" not in said
    assert secret not in said
    assert '"Very-Important-Customer-"...' in said


def test_what_is_quoted_cannot_steer_a_terminal(tmp_path: Path) -> None:
    _, findings = found(tmp_path, f"{HEADER}\n1,\N{RIGHT-TO-LEFT OVERRIDE}x,us-1,\N{ESCAPE}[31m,1,1\n")
    assert all(finding.measured.isprintable() and finding.measured.isascii() for finding in findings)


def test_every_rule_has_its_id_and_is_met_in_these_tests() -> None:
    assert [rule.id for rule in rules.RULES] == [f"INV-{number}" for number in (*range(50, 58), *range(60, 66))]


# --- the two ways to read a block agree ----------------------------------------------------------------------------

FIELD = st.one_of(
    st.sampled_from(
        ["1", "us-1", "ada", "", "0.5", " 7", "-1", "nan", '"', '""', 'a"b', "2027-01-01", "é", "\r", "Ada"]
    ),
    st.text(alphabet='ab1-,"\r. é', max_size=4),
)


@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(st.lists(FIELD, min_size=6, max_size=6), min_size=1, max_size=5), quoting=st.sampled_from([0, 1, 3])
)
def test_reading_at_once_and_line_by_line_find_the_same(rows: list[list[str]], quoting: int) -> None:
    out = io.StringIO()
    if quoting == csv.QUOTE_NONE:
        out.write("".join(",".join(row) + "\n" for row in rows))
    else:
        csv.writer(out, quoting=quoting, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]
    data = out.getvalue().encode()
    columns = HEADER.split(",")
    block = blocks.Block(2, data, data.count(b"\n"))
    of_lines = faults.Faults()
    expected = blocks._line_by_line(block, columns, of_lines)
    at_all = faults.Faults()
    assert blocks.table(block, columns, at_all).to_pylist().__repr__() == expected.to_pylist().__repr__()
    assert bool(at_all) == bool(of_lines)


# --- how much it takes ----------------------------------------------------------------------------------------------

MEASURE = """
import sys, time
from datetime import date
from pathlib import Path
from cellfleet.inventory.tenants.read import read
start = time.process_time()
tenants, findings = read(Path(sys.argv[1]), ("us-1", "us-2"), date(2026, 11, 24))
seconds = time.process_time() - start
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(len(tenants), len(findings), seconds, int(peak) / 1024)
"""


def measure(path: Path) -> tuple[int, int, float, float]:
    """Tenants, findings, processor seconds and peak MiB of reading a file in a process of its own."""
    said = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], check=True, capture_output=True, text=True
    ).stdout.split()
    return int(said[0]), int(said[1]), float(said[2]), float(said[3])


def test_a_million_tenants_are_read_in_bounded_time_and_memory(tmp_path: Path) -> None:
    path = tmp_path / "tenants.csv"
    with path.open("w") as file:
        file.write(f"{HEADER}\n")
        file.writelines(f"{n},t-{n},us-{n % 2 + 1},g{n % 99},{n % 97 / 10},{n % 31 / 4}\n" for n in range(1_000_000))
    tenants, findings, seconds, mebibytes = measure(path)
    assert (tenants, findings) == (1_000_000, 0)
    # About 1 s and 270 MiB on a quiet machine: the bounds leave room for a loaded one, and none for row by row.
    assert seconds < 4
    assert mebibytes < 400


def test_a_line_without_end_is_given_up_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "tenants.csv.gz"
    path.write_bytes(gzip.compress(HEADER.encode() + b"\n" + b"[" * 200_000_000, compresslevel=1))
    tenants, findings, _, mebibytes = measure(path)
    assert (tenants, findings) == (0, 1)
    assert mebibytes < 150
