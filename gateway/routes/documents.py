"""Stored documents: list, look at, fetch, process, delete."""

import re
from typing import Final

from starlette.responses import Response

from gateway.bodies import (
    Data,
    DocumentBody,
    DocumentDetail,
    Listed,
    Told,
)
from gateway.context import Call
from gateway.downloads import attachment, blob_response
from gateway.job_bodies import AcceptedJob
from gateway.operations import Answer, Operation, json_response
from gateway.problems import ProblemError
from gateway.requests import PageQuery, ProcessRequest
from gateway.submissions import (
    SUBMIT_HEADERS,
    accepted_headers,
    submission_of,
    submit,
)
from gateway.uploads.storing import remove_blobs
from gateway.views import DOCUMENTS_PATH, accepted, document_body, document_detail
from service.blob_keys import output_key
from service.domain.model import DocumentId, Owner
from service.errors import NotFoundError
from service.processing.outputs import PAGE_OUTPUT
from service.store import Store
from service.store.rows import TaskView

DOWNLOAD: Final = "application/octet-stream"
PNG: Final = "image/png"
_PAGE: Final = re.compile(r"[1-9][0-9]{0,6}")
ACCEPTED_MESSAGE: Final = "Batch processing job created successfully"
ACCEPTED_HEADERS: Final = {"Location": "The job.", "Retry-After": "Seconds."}


async def list_documents(call: Call[None, PageQuery]) -> Response:
    """Give stored documents, newest first."""
    page = await call.gateway.threads.run(
        call.gateway.store.documents,
        call.owner,
        page_size=call.query.page_size,
        page_token=call.query.page_token,
    )
    found = tuple(document_body(each) for each in page.items)
    return json_response(Listed(data=found, next_page_token=page.next_token))


async def get_document(call: Call[None, object]) -> Response:
    """Give one document and how its latest task stands."""
    detail = await call.gateway.threads.run(
        _detail, call.gateway.store, call.owner, call.document_id
    )
    return json_response(Data(data=detail))


async def delete_document(call: Call[None, object]) -> Response:
    """Remove a document no unfinished task needs: its row first, then its content.

    The pictures of its pages go with it, whichever job made them; results stay.
    """
    await call.gateway.threads.whole(_delete(call))
    return Response(status_code=204)


async def get_content(call: Call[None, object]) -> Response:
    """Stream a document's content as a download that no browser runs."""
    gateway = call.gateway
    document = await gateway.threads.run(
        gateway.store.document, call.owner, call.document_id
    )
    return await blob_response(
        call,
        document.blob_key,
        media_type=DOWNLOAD,
        headers={
            "Content-Length": str(document.size_bytes),
            "Content-Disposition": attachment(document.name),
        },
    )


async def get_page(call: Call[None, object]) -> Response:
    """Stream the picture of a page that the document's newest job made."""
    gateway = call.gateway
    latest = await gateway.threads.run(_latest, call)
    number = call.request.path_params["page"]
    outputs = latest.outputs_key if latest is not None else None
    if outputs is None or not _PAGE.fullmatch(number):
        raise _not_rendered()
    key = output_key(outputs, PAGE_OUTPUT.format(int(number)))
    try:
        return await blob_response(call, key, media_type=PNG, headers={})
    except NotFoundError as error:
        raise _not_rendered() from error


def _latest(call: Call[None, object]) -> TaskView | None:
    store = call.gateway.store
    store.document(call.owner, call.document_id)
    return store.latest_task(call.owner, call.document_id)


def _not_rendered() -> ProblemError:
    return ProblemError("not_rendered", "No job has made a picture of that page.")


async def process_document(call: Call[ProcessRequest, object]) -> Response:
    """Make a job of one stored document."""
    submission = submission_of(call, [call.document_id])
    try:
        submitted = await submit(call.gateway, submission)
    except ProblemError as error:
        if error.code == "documents_not_found":
            raise ProblemError("not_found", error.detail) from error
        raise
    body = Told(data=accepted(submitted.job), message=ACCEPTED_MESSAGE)
    return json_response(body, 202, headers=accepted_headers(submitted.job.id))


async def _delete(call: Call[None, object]) -> None:
    gateway = call.gateway
    deleted = await gateway.threads.run(
        gateway.store.delete_document, call.owner, call.document_id
    )
    await remove_blobs(gateway, [deleted.blob_key], pages_in=deleted.folders)


def _detail(store: Store, owner: Owner, document_id: DocumentId) -> DocumentDetail:
    document = store.document(owner, document_id)
    latest = store.latest_task(owner, document_id)
    priority = store.job(owner, latest.task.job_id).job.priority if latest else None
    return document_detail(document, latest, priority=priority)


OPERATIONS = (
    Operation(
        method="GET",
        path=DOCUMENTS_PATH,
        name="listDocuments",
        summary="List stored documents, newest first",
        tag="documents",
        handler=list_documents,
        query=PageQuery,
        answers=(Answer(status=200, description="A page.", body=Listed[DocumentBody]),),
    ),
    Operation(
        method="GET",
        path=f"{DOCUMENTS_PATH}/{{documentId}}",
        name="getDocument",
        summary="Look at a document",
        tag="documents",
        handler=get_document,
        answers=(
            Answer(status=200, description="The document.", body=Data[DocumentDetail]),
        ),
        problems=("not_found",),
    ),
    Operation(
        method="DELETE",
        path=f"{DOCUMENTS_PATH}/{{documentId}}",
        name="deleteDocument",
        summary="Delete a document",
        tag="documents",
        handler=delete_document,
        answers=(Answer(status=204, description="Deleted."),),
        problems=("not_found", "document_in_use"),
    ),
    Operation(
        method="GET",
        path=f"{DOCUMENTS_PATH}/{{documentId}}/content",
        name="getDocumentContent",
        summary="Download a document's content",
        tag="documents",
        handler=get_content,
        answers=(
            Answer(
                status=200,
                description="The bytes as they were uploaded.",
                media_type=DOWNLOAD,
                headers={"Content-Disposition": "`attachment`, with the name."},
            ),
        ),
        problems=("not_found", "content_missing"),
    ),
    Operation(
        method="GET",
        path=f"{DOCUMENTS_PATH}/{{documentId}}/pages/{{page}}.png",
        name="getPage",
        summary="Look at a page of a document",
        tag="documents",
        handler=get_page,
        answers=(Answer(status=200, description="The page.", media_type=PNG),),
        problems=("not_found", "not_rendered"),
    ),
    Operation(
        method="POST",
        path=f"{DOCUMENTS_PATH}/{{documentId}}/process",
        name="processDocument",
        summary="Process one document as a job of its own",
        tag="documents",
        handler=process_document,
        body=ProcessRequest,
        body_required=False,
        headers=SUBMIT_HEADERS,
        answers=(
            Answer(
                status=202,
                description="Accepted.",
                body=Told[AcceptedJob],
                headers=ACCEPTED_HEADERS,
            ),
        ),
        problems=(
            *("not_found", "unknown_job_type", "idempotency_key_reused"),
            "backlog_full",
        ),
    ),
)
