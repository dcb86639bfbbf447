"""Contracts by web3.py, with its default middleware and a signing one."""

from checks import ARTIFACTS, FAUCET, check, finish, funded, raises, sealed, wait, web3
from eth_account.messages import encode_typed_data
from web3 import Web3
from web3.exceptions import ContractCustomError, ContractLogicError, ContractPanicError
from web3.exceptions import BadFunctionCallOutput, TimeExhausted, TransactionNotFound
from web3.middleware import SignAndSendRawMiddlewareBuilder

FRIEND = Web3.to_checksum_address("0x00000000000000000000000000000000beef0009")

account = funded()
web3.middleware_onion.inject(SignAndSendRawMiddlewareBuilder.build(account), layer=0)
web3.eth.default_account = account.address
contracts = {}


def deploy(name, *arguments):
    artifact = ARTIFACTS[name]
    factory = web3.eth.contract(abi=artifact["abi"], bytecode=artifact["bytecode"])
    receipt = wait(factory.constructor(*arguments).transact())
    contracts[name] = web3.eth.contract(receipt.contractAddress, abi=artifact["abi"])
    return contracts[name]


def deploys_with_fees_and_gas_of_its_own():
    counter = deploy("Counter")
    assert counter.functions.value().call() == 0
    deploy("Failing")
    token = deploy("Token", "Münze", 1000)
    assert token.functions.name().call() == "Münze"
    receipt = wait(counter.functions.increase(3).transact())
    sent = web3.eth.get_transaction(receipt.transactionHash)
    assert sent.type == 2 and sent.maxFeePerGas > sent.maxPriorityFeePerGas, sent
    assert counter.functions.value().call() == 3


def sends_by_an_account_of_the_node():
    receipt = wait(web3.eth.send_transaction({"from": FAUCET, "to": FRIEND, "value": 1}))
    assert receipt["from"] == FAUCET and receipt.gasUsed == 21000


def builds_and_estimates():
    increase = contracts["Counter"].functions.increase(1)
    built = increase.build_transaction()
    assert built["chainId"] == 1337 and built["maxFeePerGas"] > 0, built
    assert 21000 < built["gas"] < 100_000
    assert increase.estimate_gas() == built["gas"]


def tells_the_reason_of_a_revert():
    functions = contracts["Failing"].functions
    error = raises(ContractLogicError, functions.reason("nicht so 🙈").call)
    assert error.message == "execution reverted: nicht so 🙈", error
    error = raises(ContractLogicError, functions.inner("drinnen").transact)
    assert "drinnen" in error.message, error
    error = raises(ContractLogicError, functions.nothing().call)
    assert (error.message, error.data) == ("execution reverted", "0x"), error


def tells_custom_errors_and_panics():
    functions = contracts["Failing"].functions
    error = raises(ContractCustomError, functions.custom(4).call)
    selector = Web3.keccak(text="Refused(address,uint256,string)")[:4]
    assert error.data.startswith(Web3.to_hex(selector)), error
    error = raises(ContractPanicError, functions.divide(0).call)
    assert "0x12" in str(error) or "zero" in str(error), error


def a_failed_transaction_has_a_receipt():
    increase = contracts["Counter"].functions.increase(101)
    receipt = web3.eth.wait_for_transaction_receipt(increase.transact({"gas": 100_000}))
    assert receipt.status == 0 and receipt.gasUsed < 100_000, receipt


def overrides_state_in_a_call():
    counter = contracts["Counter"]
    slots = {"0x" + "00" * 32: "0x" + "00" * 31 + "2a"}
    override = {counter.address: {"stateDiff": slots}}
    assert counter.functions.value().call(state_override=override) == 42
    assert counter.functions.value().call() == 3


def signs_typed_data_that_a_contract_takes():
    token = contracts["Token"]
    owner = account
    kinds = ["owner", "spender", "value", "nonce", "deadline"]
    types = [{"name": n, "type": "address" if i < 2 else "uint256"} for i, n in enumerate(kinds)]
    values = [owner.address, FRIEND, 9, token.functions.nonces(owner.address).call(), 2**40]
    message = encode_typed_data(
        {"name": "Münze", "version": "1", "chainId": 1337, "verifyingContract": token.address},
        {"Permit": types},
        dict(zip(kinds, values)),
    )
    signed = owner.sign_message(message)
    r, s = (Web3.to_bytes(part).rjust(32, b"\0") for part in (signed.r, signed.s))
    wait(token.functions.permit(owner.address, FRIEND, 9, 2**40, signed.v, r, s).transact())
    assert token.functions.allowance(owner.address, FRIEND).call() == 9


def multicalls():
    counter, token = contracts["Counter"], contracts["Token"]
    aggregate = {
        "type": "function",
        "name": "aggregate",
        "stateMutability": "payable",
        "inputs": [
            {
                "name": "calls",
                "type": "tuple[]",
                "components": [
                    {"name": "target", "type": "address"},
                    {"name": "callData", "type": "bytes"},
                ],
            }
        ],
        "outputs": [{"name": "", "type": "uint256"}, {"name": "", "type": "bytes[]"}],
    }
    multicall = web3.eth.contract("0xcA11bde05977b3631167028862bE2a173976CA11", abi=[aggregate])
    calls = [
        (counter.address, counter.encode_abi("value")),
        (token.address, token.encode_abi("totalSupply")),
    ]
    before = web3.eth.block_number
    number, results = multicall.functions.aggregate(calls).call()
    assert [int.from_bytes(result) for result in results] == [3, 1000]
    assert number > before


def reads_at_a_block():
    counter = contracts["Counter"]
    receipt = sealed(wait(counter.functions.increase(10).transact()))
    assert counter.functions.value().call(block_identifier=receipt.blockNumber) == 13
    # Block 1 may have been there before the contract; block 0 was for sure.
    raises(BadFunctionCallOutput, lambda: counter.functions.value().call(block_identifier=0))


def lists_what_a_call_touches():
    counter = contracts["Counter"]
    request = {
        "to": counter.address,
        "data": counter.encode_abi("increase", [1]),
        "from": account.address,
    }
    answer = web3.eth.create_access_list(request)
    touched = {entry["address"]: entry["storageKeys"] for entry in answer["accessList"]}
    assert len(touched[counter.address]) == 1, answer


def simulates_blocks():
    counter = contracts["Counter"]
    call = {
        "from": account.address,
        "to": counter.address,
        "data": counter.encode_abi("increase", [1]),
    }
    read = {"to": counter.address, "data": counter.encode_abi("value")}
    blocks = [{"calls": [call, read]}, {"calls": [call, read]}]
    first, second = web3.eth.simulate_v1({"blockStateCalls": blocks}, "latest")
    values = [
        int.from_bytes(Web3.to_bytes(hexstr=Web3.to_hex(block["calls"][1]["returnData"])))
        for block in (first, second)
    ]
    assert values == [14, 15], values


def proves_an_account():
    address = contracts["Counter"].address
    proof = web3.eth.get_proof(address, [0], "latest")
    assert proof.codeHash == Web3.keccak(web3.eth.get_code(address))
    assert int.from_bytes(proof.storageProof[0].value) == 13, proof


def traces_by_the_module_for_geth():
    receipt = wait(contracts["Counter"].functions.increase(1).transact())
    options = {"tracer": "callTracer", "tracerConfig": {"withLog": True}}
    trace = web3.geth.debug.trace_transaction(receipt.transactionHash, options)
    assert trace.type == "CALL" and len(trace.logs) == 1, trace
    steps = web3.geth.debug.trace_transaction(receipt.transactionHash)
    assert steps.gas == receipt.gasUsed and steps.structLogs[0].op == "PUSH1", steps


def replaces_a_transaction():
    nonce = web3.eth.get_transaction_count(account.address)
    fees = {"maxFeePerGas": Web3.to_wei(10, "gwei"), "maxPriorityFeePerGas": Web3.to_wei(1, "gwei")}
    request = {"to": FRIEND, "value": 1, "gas": 21000, "nonce": nonce + 1, **fees}
    first = web3.eth.send_transaction(request)
    assert str(nonce + 1) in web3.geth.txpool.content().queued[account.address]
    raises(TimeExhausted, lambda: web3.eth.wait_for_transaction_receipt(first, 0.2, 0.05))
    raised = {
        "maxFeePerGas": Web3.to_wei(20, "gwei"),
        "maxPriorityFeePerGas": Web3.to_wei(2, "gwei"),
    }
    second = web3.eth.replace_transaction(first, {**request, **raised, "from": account.address})
    wait(web3.eth.send_transaction({"to": FRIEND, "value": 1, "nonce": nonce}))
    wait(second)
    raises(TransactionNotFound, lambda: web3.eth.get_transaction_receipt(first))


for run in (
    deploys_with_fees_and_gas_of_its_own,
    sends_by_an_account_of_the_node,
    builds_and_estimates,
    tells_the_reason_of_a_revert,
    tells_custom_errors_and_panics,
    a_failed_transaction_has_a_receipt,
    overrides_state_in_a_call,
    signs_typed_data_that_a_contract_takes,
    multicalls,
    reads_at_a_block,
    lists_what_a_call_touches,
    simulates_blocks,
    proves_an_account,
    traces_by_the_module_for_geth,
    replaces_a_transaction,
):
    check(run)
finish()
