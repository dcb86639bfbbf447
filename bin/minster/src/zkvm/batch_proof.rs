//! Proofs of batches: where they come from, and what they say.

use std::{io::Read, time::Duration};

use alloy_primitives::B256;
use eyre::{WrapErr, bail, ensure, eyre};
use minster_batch::Commitment;
use minster_batcher::PROOF_BYTES_MAX;
use minster_rpc::CommitmentJson;
use serde_json::{Value, json};

use crate::remote::{Remote, Trust};

/// The most bytes of an answer of the node that is no proof.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// How long a node may take to be reached, and to begin an answer.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// How long a whole download may take.
const DOWNLOAD_MAX: Duration = Duration::from_secs(6 * 3_600);

/// What a proof of batches says: the commitment before them, and the last of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    pub before: B256,
    pub after: B256,
}

impl Claim {
    /// The public output of a proof of the batch guest.
    pub fn of(output: &[u8]) -> eyre::Result<Self> {
        match output.as_chunks::<32>() {
            ([before, after], []) => Ok(Self { before: before.into(), after: after.into() }),
            _ => Err(eyre!("the proof says nothing about a batch")),
        }
    }

    pub fn as_json(self) -> Value {
        json!({ "before": self.before, "after": self.after })
    }
}

/// A batch as a node describes it. Nothing of it is believed: what a proof does not bind is left
/// out.
pub struct Described {
    number: u64,
    claim: Claim,
    commitment: Commitment,
}

impl Described {
    /// Checks that the proof is of this very batch. Then every field of the commitment is proven
    /// with it, since its hash is.
    pub fn compare(&self, proven: Claim) -> eyre::Result<()> {
        let Self { number, claim, .. } = self;
        ensure!(
            proven == *claim,
            "the node says that batch {number} leads from {} to {}, but its proof is of another \
             batch, from {} to {}",
            claim.before,
            claim.after,
            proven.before,
            proven.after
        );
        Ok(())
    }

    /// The proven fields that a person asks for first.
    pub fn lines(&self) -> String {
        let Commitment { number, chain_id, first_block, last_block, new_state_root, .. } =
            &self.commitment;
        format!(
            "batch          {number} of chain {chain_id}: blocks {first_block} to {last_block}\n\
             state root     {new_state_root}\n"
        )
    }

    pub fn as_json(&self) -> CommitmentJson {
        self.commitment.clone().into()
    }
}

/// A node that is asked over HTTP or HTTPS.
pub struct Node {
    url: String,
    agent: ureq::Agent,
}

impl Node {
    pub fn new(url: &str, trust: &Trust) -> eyre::Result<Self> {
        let remote = Remote::new(url)?;
        let config = remote
            .config(trust)?
            .timeout_connect(Some(ANSWER_MAX))
            .timeout_recv_response(Some(ANSWER_MAX))
            .timeout_recv_body(Some(DOWNLOAD_MAX))
            .build();
        Ok(Self { url: remote.url, agent: config.into() })
    }

    fn call(&self, method: &str, number: u64) -> eyre::Result<Value> {
        let params = json!([format!("{number:#x}")]);
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let post = self.agent.post(&self.url).header("content-type", "application/json");
        let mut response = post.send(request.to_string()).wrap_err_with(|| self.fault())?;
        let body = response.body_mut().with_config().limit(ANSWER_BYTES_MAX);
        let text = body.read_to_string().wrap_err_with(|| self.fault())?;
        let answer: Value = serde_json::from_str(&text).wrap_err_with(|| self.fault())?;
        if let Some(message) = answer["error"]["message"].as_str() {
            bail!("{}: {message}", self.url);
        }
        Ok(answer["result"].clone())
    }

    fn fault(&self) -> String {
        format!("--node: ask {}", self.url)
    }

    /// What the node says about a batch; its claim is recomputed from the commitment's fields.
    pub fn describe(&self, number: u64) -> eyre::Result<Described> {
        let batch = self.call("minster_getBatch", number)?;
        ensure!(!batch.is_null(), "{}: there is no batch {number} yet", self.url);
        let commitment: CommitmentJson = serde_json::from_value(batch["commitment"].clone())
            .wrap_err("the node's batch is malformed")?;
        let commitment = Commitment::from(commitment);
        let claim = Claim { before: commitment.parent, after: commitment.hash() };
        Ok(Described { number, claim, commitment })
    }

    /// The bytes of a batch's proof, as they come.
    pub fn proof(&self, number: u64) -> eyre::Result<Box<dyn Read>> {
        let url = format!("{}/batches/{number}/proof", self.url);
        let response = self.agent.get(&url).call();
        let response = match response {
            Err(ureq::Error::StatusCode(404)) => {
                bail!("{}: batch {number} has no proof yet", self.url)
            }
            Err(ureq::Error::StatusCode(429)) => {
                bail!("{}: too many downloads at a time; try again later", self.url)
            }
            other => other.wrap_err_with(|| self.fault())?,
        };
        let body = response.into_body().into_with_config().limit(PROOF_BYTES_MAX);
        Ok(Box::new(body.reader()))
    }
}

#[cfg(test)]
mod tests;
