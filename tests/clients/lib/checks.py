"""What the Python scripts share: checks, a node at MINSTER_RPC_URL, accounts with ether."""

import json
import os
import sys
import time
from pathlib import Path

from eth_account import Account
from web3 import HTTPProvider, Web3

FAUCET = Web3.to_checksum_address("0xa0Ee7A142d267C1f36714E4a8F75612F20a79720")
URL = os.environ["MINSTER_RPC_URL"]
ARTIFACTS = json.loads(Path("artifacts.json").read_text())

web3 = Web3(HTTPProvider(URL, request_kwargs={"timeout": 10}))
failed = 0


def check(run):
    """Runs one check and prints the line that `cargo xtask test` counts."""
    global failed
    name = "web3.py " + run.__name__.replace("_", " ")
    try:
        run()
        print(f"ok {name}", flush=True)
    except Exception as error:  # every failure is one line
        failed += 1
        line = error.__traceback__.tb_next.tb_lineno
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        print(f"FAIL {name} at line {line}: {reason[:600]}", flush=True)


def finish():
    sys.exit(1 if failed else 0)


def until(what, ask, limit=10.0):
    """Asks until the answer is there."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.02)
    raise TimeoutError(f"{what}: not within {limit} s")


def raises(kind, run):
    """The error of this kind that `run` must raise."""
    try:
        run()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def wait(sent):
    """The receipt of a transaction that must succeed."""
    receipt = web3.eth.wait_for_transaction_receipt(sent, timeout=10, poll_latency=0.02)
    assert receipt.status == 1, receipt
    return receipt


def sealed(receipt):
    """Waits until the receipt's block is sealed."""
    until("the seal", lambda: web3.eth.block_number >= receipt.blockNumber)
    return receipt


def funded(ether=10):
    """A new account that the node itself has given some ether, so that scripts are apart."""
    account = Account.create()
    value = Web3.to_wei(ether, "ether")
    wait(web3.eth.send_transaction({"from": FAUCET, "to": account.address, "value": value}))
    return account
