//! Precompiles whose back end depends on how revm is built.

use alloy_primitives::hex;

use super::*;

/// (address, input, output); from the EIPs' own vectors.
#[test]
fn every_back_end_is_there() {
    // EIP-4844's point evaluation: the point at infinity opens the zero polynomial to zero.
    let infinity = [&[0xc0][..], &[0; 47]].concat();
    let mut versioned = sha256(&infinity);
    versioned[0] = 1;
    let kzg = [&versioned[..], &[0; 64], &infinity, &infinity].concat();
    let kzg_output = hex!(
        "0000000000000000000000000000000000000000000000000000000000001000"
        "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001"
    );
    // EIP-7951's first vector.
    let p256 = hex!(
        "4cee90eb86eaa050036147a12d49004b6b9c72bd725d39d4785011fe190f0b4d"
        "a73bd4903f0ce3b639bbbf6e8e80d16931ff4bcf5993d58468e8fb19086e8cac"
        "36dbcd03009df8c59286b162af3bd7fcc0450c9aa81be5d10d312af6c66b1d60"
        "4aebd3099c618202fcfe16ae7770b0c49ab5eadf74b754204a3bb6060e44eff3"
        "7618b065f9832de4ca6ca971a7a1adc826d0f7c00181a5fb2ddf79ae00b4e10e"
    );
    let one = U256::from(1).to_be_bytes_vec();
    let zero_point = vec![0; 64];
    let cases: Vec<(u16, Vec<u8>, Vec<u8>)> = vec![
        (0x06, [zero_point.clone(), zero_point.clone()].concat(), zero_point.clone()),
        (0x07, [zero_point.clone(), one.clone()].concat(), zero_point),
        (0x08, vec![], one.clone()),
        (0x0a, kzg, kzg_output.to_vec()),
        (0x0b, vec![0; 256], vec![0; 128]),
        (0x0d, vec![0; 512], vec![0; 256]),
        (0x0f, vec![0; 384], one.clone()),
        (0x100, p256.to_vec(), one),
    ];
    for (address, input, output) in cases {
        let mut target = [0; 20];
        target[18..].copy_from_slice(&address.to_be_bytes());
        let transaction = call(target.into(), 0, input);
        let (execution, _) = run(world(&[]), &context(), &transaction);
        assert!(execution.is_success(), "{address:#x}: {:?}", execution.outcome);
        assert_eq!(execution.output[..], output, "{address:#x}");
        assert!(execution.gas_used > 21_000, "{address:#x}");
    }
}

/// By the precompile itself.
fn sha256(input: &[u8]) -> Vec<u8> {
    let sha2 = call(Address::with_last_byte(2), 0, input.to_vec());
    run(world(&[]), &context(), &sha2).0.output.to_vec()
}
