//! A client of tonic. It makes the calls of one case to gRPC's interop TestService.

use std::future::Future;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;
use tonic_types::StatusExt;

type Failure = Box<dyn std::error::Error>;
type Outcome = Result<(), Failure>;

const ECHO: &str = "x-grpc-test-echo-initial";

// The parts of grpc/testing/messages.proto that the cases use.

#[derive(Clone, PartialEq, prost::Message)]
struct Payload {
    #[prost(bytes = "vec", tag = "2")]
    body: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct EchoStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct SimpleRequest {
    #[prost(int32, tag = "2")]
    response_size: i32,
    #[prost(message, optional, tag = "3")]
    payload: Option<Payload>,
    #[prost(message, optional, tag = "7")]
    response_status: Option<EchoStatus>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ResponseParameters {
    #[prost(int32, tag = "1")]
    size: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
struct StreamingRequest {
    #[prost(message, repeated, tag = "2")]
    response_parameters: Vec<ResponseParameters>,
}

/// A response, unary or of a stream.
#[derive(Clone, PartialEq, prost::Message)]
struct PayloadResponse {
    #[prost(message, optional, tag = "1")]
    payload: Option<Payload>,
}

impl PayloadResponse {
    fn size(&self) -> usize {
        self.payload
            .as_ref()
            .map_or(0, |payload| payload.body.len())
    }
}

#[derive(Clone)]
struct Service(Grpc<Channel>);

impl Service {
    async fn unary(
        &mut self,
        request: Request<SimpleRequest>,
    ) -> Result<Response<PayloadResponse>, Status> {
        self.0
            .ready()
            .await
            .map_err(|error| Status::unavailable(error.to_string()))?;
        let path = PathAndQuery::from_static("/grpc.testing.TestService/UnaryCall");
        self.0.unary(request, path, ProstCodec::default()).await
    }

    async fn duplex(&mut self, limit: Duration) -> Result<Duplex, Failure> {
        self.0.ready().await?;
        let path = PathAndQuery::from_static("/grpc.testing.TestService/FullDuplexCall");
        let (requests, receiver) = mpsc::channel(1);
        let mut request = Request::new(ReceiverStream::new(receiver));
        request.set_timeout(limit);
        let call = self
            .0
            .streaming(request, path, ProstCodec::default())
            .await?;
        Ok(Duplex {
            requests,
            responses: call.into_inner(),
        })
    }
}

struct Duplex {
    requests: mpsc::Sender<StreamingRequest>,
    responses: Streaming<PayloadResponse>,
}

impl Duplex {
    /// Asks for responses of these sizes, and receives them.
    async fn exchange(&mut self, sizes: &[i32]) -> Outcome {
        let response_parameters = sizes
            .iter()
            .map(|&size| ResponseParameters { size })
            .collect();
        self.requests
            .send(StreamingRequest {
                response_parameters,
            })
            .await?;
        for &size in sizes {
            let response = self
                .responses
                .message()
                .await?
                .ok_or("the stream has ended")?;
            assert_eq!(response.size(), size as usize);
        }
        Ok(())
    }

    /// Half-closes the call, and expects OK.
    async fn end(self) -> Outcome {
        let Duplex {
            requests,
            mut responses,
        } = self;
        drop(requests);
        assert_eq!(responses.message().await?, None);
        Ok(())
    }
}

const LIMIT: Duration = Duration::from_secs(60);

async fn unary(mut service: Service) -> Outcome {
    let request = SimpleRequest {
        response_size: 1000,
        ..Default::default()
    };
    assert_eq!(
        service
            .unary(Request::new(request))
            .await?
            .into_inner()
            .size(),
        1000
    );
    Ok(())
}

async fn stream(mut service: Service) -> Outcome {
    let mut call = service.duplex(LIMIT).await?;
    for size in 0..100 {
        call.exchange(&[size, size + 1]).await?;
    }
    call.exchange(&[1_000_000; 8]).await?;
    call.end().await
}

async fn cancel(mut service: Service) -> Outcome {
    let mut call = service.duplex(LIMIT).await?;
    call.exchange(&[1]).await?;
    drop(call);
    unary(service).await
}

async fn deadline(mut service: Service) -> Outcome {
    let mut call = service.duplex(Duration::from_millis(500)).await?;
    call.exchange(&[1]).await?;
    let ended = call
        .responses
        .message()
        .await
        .expect_err("the deadline passes");
    assert_eq!(ended.code(), Code::DeadlineExceeded);
    unary(service).await
}

async fn with_metadata(service: &mut Service, size: usize) -> Outcome {
    let value = "v".repeat(size);
    let mut request = Request::new(SimpleRequest::default());
    request.metadata_mut().insert(ECHO, value.parse()?);
    let response = service.unary(request).await?;
    assert_eq!(
        response
            .metadata()
            .get(ECHO)
            .ok_or("no metadata")?
            .to_str()?,
        value
    );
    Ok(())
}

async fn big_metadata(mut service: Service) -> Outcome {
    with_metadata(&mut service, 15 * 1024).await
}

async fn too_big_metadata(mut service: Service) -> Outcome {
    assert!(with_metadata(&mut service, 17 * 1024).await.is_err());
    unary(service).await
}

async fn too_large_request(mut service: Service) -> Outcome {
    let payload = Some(Payload {
        body: vec![0; 2 * 1024 * 1024],
    });
    let request = SimpleRequest {
        payload,
        ..Default::default()
    };
    let refused = service
        .unary(Request::new(request))
        .await
        .expect_err("it is too large");
    assert_eq!(refused.code(), Code::ResourceExhausted);
    unary(service).await
}

async fn status_details(mut service: Service) -> Outcome {
    let response_status = Some(EchoStatus {
        code: 9,
        message: "100 % ☺".into(),
    });
    let request = SimpleRequest {
        response_status,
        ..Default::default()
    };
    let failed = service
        .unary(Request::new(request))
        .await
        .expect_err("it was asked for");
    assert_eq!(
        (failed.code(), failed.message()),
        (Code::FailedPrecondition, "100 % ☺")
    );
    let info = failed.get_details_error_info().ok_or("no details")?;
    assert_eq!(info.reason, "ASKED_FOR");
    Ok(())
}

/// Keeps a stream open while the server drains: prints a line once the stream is open, and waits
/// for a line that says that the server refuses new calls.
async fn drain(mut service: Service) -> Outcome {
    let mut call = service.duplex(LIMIT).await?;
    call.exchange(&[1]).await?;
    println!("open");
    BufReader::new(tokio::io::stdin())
        .read_line(&mut String::new())
        .await?;
    call.exchange(&[2]).await?;
    let refused = service.unary(Request::new(SimpleRequest::default())).await;
    let code = refused.expect_err("the server drains").code();
    // hyper cancels a call that it has not sent when GOAWAY comes.
    assert!(matches!(code, Code::Unavailable | Code::Cancelled));
    call.end().await
}

async fn run<F: Future<Output = Outcome>>(
    address: &str,
    case: impl FnOnce(Service) -> F,
) -> Outcome {
    let channel = Endpoint::new(format!("http://{address}"))?
        .connect()
        .await?;
    tokio::time::timeout(LIMIT, case(Service(Grpc::new(channel)))).await?
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, address, case] = arguments.as_slice() else {
        return Err("usage: tonic-client ADDRESS CASE".into());
    };
    match case.as_str() {
        "unary" => run(address, unary).await,
        "stream" => run(address, stream).await,
        "cancel" => run(address, cancel).await,
        "deadline" => run(address, deadline).await,
        "big_metadata" => run(address, big_metadata).await,
        "too_big_metadata" => run(address, too_big_metadata).await,
        "too_large_request" => run(address, too_large_request).await,
        "status_details" => run(address, status_details).await,
        "drain" => run(address, drain).await,
        _ => Err(format!("there is no case {case}").into()),
    }
}
