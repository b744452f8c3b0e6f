"""The reason of a failed program is what it said last."""

import pytest

from sweeps.program.reasons.last_words import MOST_BYTES, OOM, SILENT, read_tail, reason_of

TRACEBACK = """Traceback (most recent call last):
  File "train.py", line 3, in <module>
    main()

  File "train.py", line 1, in main
    raise ValueError("bad lr")
ValueError: bad lr
and its second line
"""
YAML = """while parsing a flow sequence
  in "c.yaml", line 1, column 4:
    a: [1,
       ^
expected ',' or ']', but got '<stream end>'
  in "c.yaml", line 3, column 1:
"""
PYDANTIC = """1 validation error for Config
lr
  Input should be a valid number [type=float_type]
    For further information visit https://errors.pydantic.dev
"""
STATE = """Error(s) in loading state_dict for Net:
	Missing key(s) in state_dict: "head.weight".
"""
CPP = """step 1
terminate called after throwing an instance of 'NaNError'
  what():  Encountered NaN.
Aborted (core dumped)
"""
R = """Error in fit(3) : bad lr
Calls: main -> fit
Execution halted
"""
JULIA = """ERROR: LoadError: bad lr
Stacktrace:
 [1] error(s::String)
   @ Base ./error.jl:35
in expression starting at /x/train.jl:3
"""
RUST = """thread 'main' (71) panicked at src/main.rs:2:5:
bad lr
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
"""
GO = """panic: bad lr

goroutine 1 [running]:
main.main()
	/x/main.go:4 +0x25
exit status 2
"""
JAVA = """Exception in thread "main" java.lang.IllegalStateException: bad lr
	at Main.main(Main.java:3)
"""
CAUGHT = TRACEBACK.replace("bad lr", "first")
TORCHRUN = (
    "\n".join(f"[rank0]: {line}" for line in TRACEBACK.splitlines())
    + """
E1127 torch/distributed/elastic/multiprocessing/api.py:869] failed (exitcode: 1)
Traceback (most recent call last):
  File "/bin/torchrun", line 8, in <module>
    sys.exit(main())
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
=====
train.py FAILED
"""
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (TRACEBACK, "ValueError: bad lr"),
        (
            TRACEBACK.replace("ValueError: bad lr", f"yaml.parser.ParserError: {YAML}"),
            "yaml.parser.ParserError: while parsing a flow sequence: expected ',' or ']', but got '<stream end>'",
        ),
        (
            TRACEBACK.replace("ValueError: bad lr", f"x.ValidationError: {PYDANTIC}"),
            "x.ValidationError: 1 validation error for Config: lr: Input should be a valid number [type=float_type]",
        ),
        (
            TRACEBACK.replace("ValueError: bad lr", f"RuntimeError: {STATE}"),
            'RuntimeError: Error(s) in loading state_dict for Net: Missing key(s) in state_dict: "head.weight".',
        ),
        (TRACEBACK.replace("bad lr", "bad:"), "ValueError: bad:"),
        (TRACEBACK + "wandb: View run at x\nwandb: bye\n", "ValueError: bad lr"),
        (
            CAUGHT + "\nDuring handling of the above exception, another exception occurred:\n\n" + TRACEBACK,
            "ValueError: bad lr",
        ),
        (CAUGHT + "step\n" * 100 + "no data left\n", "no data left"),
        (TORCHRUN, "ValueError: bad lr"),
        ("Traceback (most recent call last):\n  x\nKeyboardInterrupt\n", "KeyboardInterrupt"),
        ("Traceback (most recent call last):\n  x\n", "x"),
        (
            "usage: x\nx.py: error: unrecognized arguments: --lr\n\n",
            "x.py: error: unrecognized arguments: --lr",
        ),
        ("\x1b[31mred\x1b[0m words\n", "red words"),
        (CPP, "NaNError: Encountered NaN."),
        (CPP.replace("  what():  Encountered NaN.\n", ""), "NaNError"),
        (R, "bad lr"),
        (R.replace(" bad lr", "\n  bad lr"), "bad lr"),
        (JULIA, "bad lr"),
        (RUST, "bad lr"),
        (GO, "bad lr"),
        (JAVA, "java.lang.IllegalStateException: bad lr"),
        ("Error: no cache, one is made\nERROR: slow disk\nno data left\n", "no data left"),
        ("10%\r20%\r90% lost\r\n", "90% lost"),
        ("", SILENT),
        ("\n \r\n", SILENT),
        ("x" * 1000, "x" * 299 + "…"),
        (
            "cannot reach postgres://u:pw@host/db?password=abc",
            "cannot reach postgres://***@host/db?password=***",
        ),
        ("refused abc123 and abc1234", "refused *** and ***"),
        (TRACEBACK.replace("ValueError", "torch.OutOfMemoryError"), OOM),
        (TRACEBACK.replace("ValueError: bad lr", "RuntimeError: CUDA out of memory. Tried"), OOM),
        (TRACEBACK.replace("ValueError: bad lr", "MemoryError"), OOM),
        ("CUDA error: out of memory\nAborted\n", OOM),
        ("CUDA out of memory, a smaller batch is tried\n" + TRACEBACK, "ValueError: bad lr"),
    ],
)
def test_a_reason_is_one_line_of_what_was_said_last(text, reason):
    assert reason_of(text, ["abc123", "", "abc1234"]) == reason


def test_only_the_end_of_a_log_is_read_and_nothing_of_what_was_there_before(tmp_path):
    log = tmp_path / "attempt-1.log"
    log.write_bytes(b"before\n" + b"\xff" * 10)
    assert read_tail(log, 7) == "\ufffd" * 10
    log.write_bytes(b"a" * (MOST_BYTES + 10))
    assert len(read_tail(log)) == MOST_BYTES
    assert read_tail(tmp_path / "none") == ""
