from sweeps.sources.proposals.table_heads import TableHeads


def names(row, *lines):
    heads = TableHeads({"epoch", "step"})
    for line in lines:
        heads.see(line)
    return [name for _, name in heads.names(row)]


def test_a_line_above_a_rule_or_with_a_word_that_counts_is_a_head():
    assert names("1 2", "Loss  Acc", "----  ---") == ["loss", "acc"]
    assert names("1 2", "Step  Train Loss") == ["step", "train_loss"]
    assert names("1 2", "Loss  Acc") == []


def test_a_head_names_rows_with_as_many_cells_where_they_begin():
    heads = TableHeads({"step"})
    heads.see("step | Val Acc (%) | 5th err | ***")
    assert heads.names("  3 | 0.5 | 7 | 9") == ((2, "step"), (6, "val_acc"), (12, "_5th_err"), (16, ""))
    assert heads.names("3 0.5 7") == ()


def test_the_newest_head_of_a_size_counts():
    assert names("1 2", "step loss", "step  err") == ["step", "err"]
    assert names("1 2", "step", "---") == []
