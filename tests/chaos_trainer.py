"""A trainer of half a second with exact resume, which `tests.chaos` strikes; its values follow from `n` alone."""

import json
import time

EPOCHS, EPOCH_S = 10, 0.04


def train(config, run):
    checkpoint = run.dir / "checkpoint.json"
    state = json.loads(checkpoint.read_text()) if checkpoint.exists() else {"epoch": 0, "loss": config["n"]}
    for epoch in range(state["epoch"], EPOCHS):
        if run.should_stop():
            return
        time.sleep(EPOCH_S / 2)
        loss = state["loss"] / 2 + epoch
        run.log({"loss": loss, "twice": 2 * loss}, epoch)
        time.sleep(EPOCH_S / 2)  # a blow here finds an epoch that is logged and not yet in the checkpoint
        state = {"epoch": epoch + 1, "loss": loss}
        half = checkpoint.with_suffix(".half")
        half.write_text(json.dumps(state))
        half.replace(checkpoint)
    result = run.dir / "result.txt"
    result.write_text(str(state["loss"]))
    run.artifact(result)
    time.sleep(EPOCH_S)
