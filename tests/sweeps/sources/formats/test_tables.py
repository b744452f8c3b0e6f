import math

import pytest

from sweeps.sources.formats.tables import read_csv, read_jsonl, read_program_metrics
from sweeps.sources.reader import CHUNK_BYTES


@pytest.fixture
def table(tmp_path):
    return tmp_path / "metrics.csv"


def values(read):
    return [dict(row.values) for row in read.rows]


def test_cells_that_are_empty_or_no_numbers_are_no_values(table):
    table.write_text("epoch,loss,phase\n0,0.5,train\n1,,\n\n2,nan,test\n")
    read = read_csv(table, {})
    first, second, third = values(read)
    assert (first, second) == ({"epoch": 0, "loss": 0.5}, {"epoch": 1})
    assert math.isnan(third["loss"])
    assert read.odd == [("phase", "train"), ("phase", "test")]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_what_separates_cells_is_seen(table, delimiter):
    table.write_text(delimiter.join(["epoch", "loss"]) + "\n" + delimiter.join(["0", "0.5"]) + "\n")
    assert values(read_csv(table, {})) == [{"epoch": 0, "loss": 0.5}]


def test_commas_are_decimal_where_semicolons_separate_cells(table):
    table.write_text("epoch;loss\n0;1,000\n1;0,500\n")
    assert values(read_csv(table, {})) == [{"epoch": 0, "loss": 1}, {"epoch": 1, "loss": 0.5}]


def test_a_column_of_decimal_commas_is_no_head_and_decides_for_the_rows_that_follow(table):
    table.write_text("0,5\t1,25\n", encoding="utf-8")
    read = read_csv(table, {})
    assert values(read) == [{"column_1": 0.5, "column_2": 1.25}]
    table.write_text("0,5\t1,25\n1,234\t2,345\n")
    assert values(read_csv(table, read.position)) == [{"column_1": 1.234, "column_2": 2.345}]


def test_thousands_are_read_in_quotes(table):
    table.write_text('epoch,tokens,loss\n0,"1,234",0.5\n')
    assert values(read_csv(table, {})) == [{"epoch": 0, "tokens": 1234, "loss": 0.5}]


def test_texts_of_json_lines_have_decimal_commas(table):
    table.write_text('{"epoch": 0, "loss": "0,123"}\n{"epoch": 1, "loss": "1,234"}\n')
    assert values(read_jsonl(table, {})) == [{"epoch": 0, "loss": 0.123}, {"epoch": 1, "loss": 1.234}]


def test_it_is_read_on_where_it_grows_and_half_a_line_waits(table):
    table.write_text("epoch;loss\n0;0.5\n1;0.2")
    read = read_csv(table, {})
    assert values(read) == [{"epoch": 0, "loss": 0.5}]
    table.write_text("epoch;loss\n0;0.5\n1;0.25\n")
    again = read_csv(table, read.position)
    assert values(again) == [{"epoch": 1, "loss": 0.25}]
    assert read_csv(table, again.position).position == again.position


def test_a_last_line_without_a_break_is_read_where_nothing_more_comes(table):
    table.write_text("epoch,loss\n0,0.5")
    assert values(read_csv(table, {}, half=True)) == [{"epoch": 0, "loss": 0.5}]


def test_a_header_that_comes_again_with_other_columns_holds_from_there_on(table):
    table.write_text("epoch,loss\n0,0.5\nepoch,acc,loss\n1,0.9,0.4\n")
    assert values(read_csv(table, {})) == [{"epoch": 0, "loss": 0.5}, {"epoch": 1, "acc": 0.9, "loss": 0.4}]


def test_a_file_that_is_written_anew_is_read_again_and_says_so(table):
    table.write_text("epoch,loss\n0,0.5\n1,0.25\n")
    position = read_csv(table, {}).position
    table.write_text("epoch,acc,loss\n0,,0.5\n1,,0.25\n")
    read = read_csv(table, position)
    assert values(read) == [{"epoch": 0, "loss": 0.5}, {"epoch": 1, "loss": 0.25}]
    assert all(row.is_again for row in read.rows)
    assert read.position["again"] == 1
    with table.open("a") as file:
        file.write("2,0.9,0.1\n")
    assert values(read_csv(table, read.position)) == [{"epoch": 2, "acc": 0.9, "loss": 0.1}]


def test_a_file_that_is_being_written_anew_is_waited_for(table):
    table.write_text("epoch,loss\n0,0.5\n1,0.25\n")
    position = read_csv(table, {}).position
    table.write_text("")
    read = read_csv(table, position)
    assert read.rows == []
    table.write_text("epoch,loss\n0,0.5\n1,0.25\n2,0.1\n")
    assert len(read_csv(table, read.position).rows) == 3


def test_a_quoted_cell_may_hold_a_line_break(table):
    table.write_text('epoch,note,loss\n0,"a\nb",0.5\n1,"c\n')
    read = read_csv(table, {})
    assert values(read) == [{"epoch": 0, "loss": 0.5}]
    with table.open("a") as file:
        file.write('d",0.25\n')
    assert values(read_csv(table, read.position)) == [{"epoch": 1, "loss": 0.25}]


def test_a_quote_that_nothing_closes_hides_no_more_than_a_piece_of_a_long_table(table):
    rows = [f"{n},{n}.5,ok" for n in range(3 * CHUNK_BYTES // 12)]
    table.write_text("\n".join(["epoch,loss,note", '0,0.5,"half', *rows, ""]))
    found, position = 0, {}
    while (read := read_csv(table, position)).position != position:
        found, position = found + len(read.rows), read.position
    assert position["bytes"] == table.stat().st_size
    assert found > len(rows) // 2


def test_a_table_without_a_header_has_numbered_columns(table):
    table.write_text("0,0.5\n1,0.25\n")
    assert values(read_csv(table, {})) == [
        {"column_1": 0, "column_2": 0.5},
        {"column_1": 1, "column_2": 0.25},
    ]


def test_a_byte_order_mark_is_no_part_of_a_name(table):
    table.write_bytes(b"\xef\xbb\xbfepoch,loss\r\n0,0.5\r\n")
    assert values(read_csv(table, {})) == [{"epoch": 0, "loss": 0.5}]


def test_a_long_table_is_read_in_pieces_and_each_row_once(table):
    count = 3 * CHUNK_BYTES // 16
    table.write_text("epoch,loss\n" + "".join(f"{number},0.{number:010d}\n" for number in range(count)))
    position, epochs = {}, []
    while (read := read_csv(table, position)).position != position:
        position = read.position
        epochs += [row.values["epoch"] for row in read.rows]
    assert epochs == list(range(count))


def test_objects_a_line(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text('{"step": 1, "eval": {"loss": 0.5}}\nno json\n[1]\n{"step": 2')
    assert values(read_jsonl(path, {})) == [{"step": 1, "eval/loss": 0.5}]


def test_what_a_program_logged_to_mlflow(tmp_path):
    path = tmp_path / "program-metrics.jsonl"
    path.write_text('{"t": 7, "step": 3, "metrics": {"loss": 0.5}}\n{"t": 8}\n{"t": 9, "step": 4, "metr')
    (row,) = read_program_metrics(path, {}).rows
    assert (row.values, row.step, row.time_ms) == ({"loss": 0.5}, 3, 7)


def test_columns_of_one_name_are_both_read_and_so_are_they_below_a_head_that_comes_again(table):
    table.write_text("epoch,loss,loss,loss_2\n0,0.5,0.4,0.3\nepoch,loss,loss\n1,0.25,0.2\n")
    assert values(read_csv(table, {})) == [
        {"epoch": 0, "loss": 0.5, "loss_3": 0.4, "loss_2": 0.3},
        {"epoch": 1, "loss": 0.25, "loss_2": 0.2},
    ]
