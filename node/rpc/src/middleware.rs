//! What jsonrpsee answers in words of its own, said in geth's; and batches whose entries do not
//! wait for each other.

use std::sync::Arc;

use futures::future::join_all;
use jsonrpsee::{
    BatchResponseBuilder, MethodResponse,
    core::middleware::{Batch, BatchEntry, Notification, RpcServiceT},
    server::{HttpBody, HttpResponse},
    types::{ErrorObjectOwned, Request, error::INTERNAL_ERROR_CODE},
};

use crate::{accept::Client, error::ApiError, metrics::RpcMetrics};

/// Wraps jsonrpsee's service.
#[derive(Debug, Clone)]
pub(crate) struct Wording<S> {
    pub(crate) inner: S,
    pub(crate) metrics: Arc<RpcMetrics>,
    pub(crate) response_bytes_max: usize,
}

impl<S> RpcServiceT for Wording<S>
where
    S: RpcServiceT<
            MethodResponse = MethodResponse,
            NotificationResponse = MethodResponse,
            BatchResponse = MethodResponse,
        > + Clone
        + Send
        + Sync
        + 'static,
{
    type MethodResponse = MethodResponse;
    type NotificationResponse = MethodResponse;
    type BatchResponse = MethodResponse;

    fn call<'a>(&self, request: Request<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let name = request.method_name();
        let client = request.extensions().get::<Client>();
        let refusal = client.and_then(|client| client.ask().err()).or_else(|| {
            let is_known = self.metrics.knows(name);
            (!is_known).then(|| ApiError::UnknownMethod { name: name.to_owned() })
        });
        let refused = refusal
            .map(|error| MethodResponse::error(request.id.clone(), ErrorObjectOwned::from(error)));
        let is_subscription = name.ends_with("subscribe");
        let subscription_id = is_subscription.then(|| request.id.clone().into_owned());
        // Called here, not when polled: methods that answer at once keep a batch's order.
        let timer = self.metrics.start(name);
        let response = refused.is_none().then(|| self.inner.call(request));
        async move {
            let answer = match (response, refused) {
                (Some(response), _) => over_http(response.await, subscription_id),
                (None, Some(refused)) => refused,
                (None, None) => silence(),
            };
            timer.end(answer.as_error_code());
            answer
        }
    }

    fn batch<'a>(&self, batch: Batch<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let service = self.clone();
        async move {
            let mut answers = Vec::with_capacity(batch.len());
            let mut has_notification = false;
            for entry in batch {
                match entry {
                    Ok(BatchEntry::Call(request)) => {
                        answers.push(futures::future::Either::Left(service.call(request)));
                    }
                    Ok(BatchEntry::Notification(_)) => has_notification = true,
                    Err(error) => {
                        let (error, id) = error.into_parts();
                        let answer = MethodResponse::error(id, error);
                        answers.push(futures::future::Either::Right(std::future::ready(answer)));
                    }
                }
            }
            let mut response = BatchResponseBuilder::new_with_limit(service.response_bytes_max);
            for answer in join_all(answers).await {
                if let Err(too_large) = response.append(answer) {
                    return too_large;
                }
            }
            if response.is_empty() && has_notification {
                return silence();
            }
            // An empty batch is an invalid request.
            MethodResponse::from_batch(response.finish())
        }
    }

    fn notification<'a>(
        &self,
        notification: Notification<'a>,
    ) -> impl Future<Output = MethodResponse> + Send + 'a {
        let answer = self.inner.notification(notification);
        async move {
            let mut answer = answer.await;
            answer.extensions_mut().insert(Silent);
            answer
        }
    }
}

/// Marks what is no answer: notifications have none.
#[derive(Debug, Clone, Copy)]
struct Silent;

fn silence() -> MethodResponse {
    let mut none = MethodResponse::notification();
    none.extensions_mut().insert(Silent);
    none
}

/// Takes the body from what is no answer, which jsonrpsee would send as `null`.
pub(crate) fn hush(mut response: HttpResponse) -> HttpResponse {
    if response.extensions().get::<Silent>().is_some() {
        *response.body_mut() = HttpBody::empty();
    }
    response
}

/// jsonrpsee calls a subscription over HTTP an internal error.
fn over_http(
    response: MethodResponse,
    subscription_id: Option<jsonrpsee::types::Id<'static>>,
) -> MethodResponse {
    match subscription_id {
        Some(id) if response.as_error_code() == Some(INTERNAL_ERROR_CODE) => {
            MethodResponse::error(id, ErrorObjectOwned::from(ApiError::NotificationsUnsupported))
        }
        _ => response,
    }
}
