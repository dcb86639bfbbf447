"""The first hour with web3.py against the node at MINSTER_RPC_URL."""

from checks import check, finish, web3
from eth_account import Account
from web3 import Web3

CHAIN_ID = 1337
# The third dev account; the first hours of the other tools are of the first two.
KEY = "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a"
FRIEND = Web3.to_checksum_address("0x00000000000000000000000000000000f41e9d03")
# Init code that stores 1 in memory, emits it as a log without topics, and leaves no code behind.
EMIT_ONE = "0x60016000526020" + "6000a000"

account = Account.from_key(KEY)


def send(fields):
    """Fills, signs and sends a transaction from the account, and waits for its receipt."""
    fees = {"maxFeePerGas": Web3.to_wei(100, "gwei"), "maxPriorityFeePerGas": 0}
    nonce = web3.eth.get_transaction_count(account.address)
    fields = {"chainId": CHAIN_ID, "nonce": nonce, **fees, **fields}
    fields.setdefault("gas", web3.eth.estimate_gas({"from": account.address, **fields}))
    raw = account.sign_transaction(fields).raw_transaction
    return web3.eth.wait_for_transaction_receipt(web3.eth.send_raw_transaction(raw), timeout=10)


def connects():
    assert web3.is_connected()
    assert web3.eth.chain_id == CHAIN_ID


def balance():
    assert web3.eth.get_balance(account.address) > Web3.to_wei(100, "ether")


def block():
    latest = web3.eth.get_block("latest", full_transactions=True)
    assert web3.eth.get_block(latest.hash).number == latest.number


def send_and_receipt():
    before = web3.eth.get_balance(FRIEND)
    receipt = send({"to": FRIEND, "value": 5})
    assert receipt.status == 1, receipt
    assert web3.eth.get_balance(FRIEND) - before == 5
    assert web3.eth.get_transaction(receipt.transactionHash).blockNumber == receipt.blockNumber


def logs():
    receipt = send({"data": EMIT_ONE, "value": 0})
    assert receipt.status == 1, receipt
    found = web3.eth.get_logs({"blockHash": receipt.blockHash, "address": receipt.contractAddress})
    assert len(found) == 1, found
    assert int.from_bytes(found[0].data) == 1


def fee_history():
    history = web3.eth.fee_history(1, "latest", [50])
    assert len(history.baseFeePerGas) == 2, history


for run in (connects, balance, block, send_and_receipt, logs, fee_history):
    check(run)
finish()
