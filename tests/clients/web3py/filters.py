"""Filters, logs, fees, requests in batches, and subscriptions by web3.py."""

import asyncio

from checks import ARTIFACTS, URL, check, finish, funded, raises, sealed, until, wait, web3
from web3 import AsyncWeb3, Web3, WebSocketProvider
from web3.exceptions import BlockNotFound, Web3RPCError
from web3.gas_strategies.rpc import rpc_gas_price_strategy
from web3.middleware import SignAndSendRawMiddlewareBuilder
from web3.utils.subscriptions import LogsSubscription, NewHeadsSubscription

FRIEND = Web3.to_checksum_address("0x00000000000000000000000000000000beef000a")

account = funded()
web3.middleware_onion.inject(SignAndSendRawMiddlewareBuilder.build(account), layer=0)
web3.eth.default_account = account.address

talker = ARTIFACTS["Talker"]
factory = web3.eth.contract(abi=talker["abi"], bytecode=talker["bytecode"])
talker = web3.eth.contract(
    wait(factory.constructor().transact()).contractAddress, abi=talker["abi"]
)


def say(first, count, text="hallo 🦜"):
    return wait(talker.functions.say(first, count, text).transact())


def send():
    return wait(web3.eth.send_transaction({"to": FRIEND, "value": 1}))


def a_filter_of_blocks():
    blocks = web3.eth.filter("latest")
    receipt = sealed(send())
    hashes = until("a block", blocks.get_new_entries)
    numbers = [web3.eth.get_block(found).number for found in hashes]
    assert receipt.blockNumber in numbers, numbers
    assert web3.eth.uninstall_filter(blocks.filter_id)


def a_filter_of_pending_transactions():
    pending = web3.eth.filter("pending")
    receipt = send()
    hashes = until("a transaction", pending.get_new_entries)
    assert receipt.transactionHash in hashes, hashes


def a_filter_of_events():
    events = talker.events.Said.create_filter(
        from_block="latest", argument_filters={"number": [2, 3]}
    )
    say(1, 4)
    found = until("the events", events.get_new_entries)
    assert [event.args.number for event in found] == [2, 3], found
    assert found[0].args.text == "hallo 🦜" and found[0].args.by == account.address
    assert events.get_new_entries() == []
    assert len(events.get_all_entries()) == 2
    assert web3.eth.uninstall_filter(events.filter_id)
    error = raises(Web3RPCError, events.get_new_entries)
    assert "filter not found" in str(error), error


def events_of_a_receipt_and_of_a_range():
    receipt = sealed(say(50, 3))
    found = talker.events.Said().process_receipt(receipt)
    assert [event.args.number for event in found] == [50, 51, 52], found
    number = receipt.blockNumber
    by_range = talker.events.Said.get_logs(from_block=number, to_block=number)
    numbers = [event.args.number for event in by_range]
    assert numbers[-3:] == [50, 51, 52], numbers


def a_big_log():
    receipt = wait(talker.functions.big("gross", 50_000).transact())
    (event,) = talker.events.Named().process_receipt(receipt)
    assert event.args.data == bytes(50_000)


def fees():
    latest = web3.eth.get_block("latest")
    history = web3.eth.fee_history(2, latest.number, [10, 90])
    assert history.oldestBlock == latest.number - 1, history
    assert history.baseFeePerGas[1] == latest.baseFeePerGas, history
    assert [len(row) for row in history.reward] == [2, 2], history
    assert web3.eth.max_priority_fee > 0
    web3.eth.set_gas_price_strategy(rpc_gas_price_strategy)
    until("no seal between", lambda: web3.eth.generate_gas_price() == web3.eth.gas_price)
    web3.eth.set_gas_price_strategy(None)


def requests_in_a_batch():
    with web3.batch_requests() as batch:
        batch.add(web3.eth.get_balance(FRIEND))
        batch.add(talker.functions.say(1, 0, ""))
        for _ in range(20):
            batch.add(web3.eth.get_block("latest"))
        answers = batch.execute()
    assert len(answers) == 22
    assert answers[0] == web3.eth.get_balance(FRIEND)


def blocks_and_what_is_not_there():
    receipt = sealed(send())
    block = web3.eth.get_block(receipt.blockNumber, full_transactions=True)
    assert receipt.transactionHash in [sent.hash for sent in block.transactions]
    receipts = web3.eth.get_block_receipts(receipt.blockNumber)
    assert [each.transactionHash for each in receipts] == [sent.hash for sent in block.transactions]
    count = web3.eth.get_block_transaction_count(receipt.blockNumber)
    assert count == len(receipts)
    raises(BlockNotFound, lambda: web3.eth.get_block(receipt.blockNumber + 1_000_000))


async def subscribe():
    heads, logs = [], []

    async def on_head(context):
        heads.append(context.result)

    async def on_log(context):
        logs.append(context.result)

    async with AsyncWeb3(WebSocketProvider(URL.replace("http", "ws"))) as socket:
        wanted = [Web3.keccak(text="Said(address,uint256,string)")]
        await socket.subscription_manager.subscribe(
            [
                NewHeadsSubscription(handler=on_head),
                LogsSubscription(address=talker.address, topics=wanted, handler=on_log),
            ]
        )
        handling = asyncio.create_task(socket.subscription_manager.handle_subscriptions())
        receipt = await asyncio.to_thread(say, 7, 2)
        for _ in range(500):
            if len(logs) >= 2 and any(head["number"] == receipt.blockNumber for head in heads):
                break
            await asyncio.sleep(0.02)
        handling.cancel()
        await asyncio.gather(handling, return_exceptions=True)
        assert await socket.eth.chain_id == 1337
    assert [int.from_bytes(log["topics"][2]) for log in logs] == [7, 8], logs
    assert any(head["number"] == receipt.blockNumber for head in heads), heads


def subscriptions_over_a_socket():
    asyncio.run(subscribe())


for run in (
    a_filter_of_blocks,
    a_filter_of_pending_transactions,
    a_filter_of_events,
    events_of_a_receipt_and_of_a_range,
    a_big_log,
    fees,
    requests_in_a_batch,
    blocks_and_what_is_not_there,
    subscriptions_over_a_socket,
):
    check(run)
finish()
