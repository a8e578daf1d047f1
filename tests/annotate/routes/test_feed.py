"""The queue of one tab, between threads that publish and one stream that sends."""

from __future__ import annotations

import asyncio
import json
import threading

from annotate.routes import feed as module
from annotate.routes.feed import MOST_WAITING, Feed, encoded
from annotate.stream_messages import RefusedMessage, StartedMessage, TroubleMessage


async def gathered(feed):
    return [part async for part in feed.sent()]


def test_messages_come_in_their_order_whatever_thread_says_them():
    async def run():
        feed = Feed()
        speaker = threading.Thread(target=lambda: [feed.put(StartedMessage(event=number)) for number in range(100)])
        speaker.start()
        heard = [await anext(parts) for parts in [feed.sent()] for _ in range(100)]
        speaker.join()
        return heard

    assert asyncio.run(run()) == [encoded(StartedMessage(event=number)) for number in range(100)]


def test_a_message_is_one_event_with_no_line_end_within():
    message = RefusedMessage(event=7, stroke=6, message="two\nlines\r\nü")
    text = encoded(message).decode()

    data, *rest = text.split("\n")
    assert json.loads(data.removeprefix("data: ")) == message.model_dump()
    assert rest == ["", ""]
    assert encoded(TroubleMessage(message="the disk is full")).startswith(b"data: ")


def test_a_tab_that_does_not_read_is_dropped_and_keeps_no_memory():
    async def run():
        feed = Feed()
        for number in range(10 * MOST_WAITING + 7):
            feed.put(StartedMessage(event=number))
        await asyncio.sleep(0)
        feed.put(StartedMessage(event=-1))
        await asyncio.sleep(0)
        return await asyncio.wait_for(gathered(feed), 1), feed._messages.qsize()

    assert asyncio.run(run()) == ([], 0)


def test_a_silent_stream_says_that_it_is_still_there(monkeypatch):
    monkeypatch.setattr(module, "KEEP_ALIVE_S", 0.01)

    async def run():
        return await anext(Feed().sent())

    assert asyncio.run(run()) == b'data: {"type": "alive"}\n\n'


def test_messages_of_a_shared_stream_name_their_mirror():
    async def run():
        feed = Feed(shared=True)
        feed.put(StartedMessage(event=1), "SYN-0001_R")
        return await anext(feed.sent())

    sent = json.loads(asyncio.run(run()).removeprefix(b"data: "))
    assert sent == {"mirror": "SYN-0001_R", "message": {"type": "started", "event": 1}}


def test_an_ended_stream_is_over_and_says_no_more():
    async def run():
        feed = Feed()
        reading = asyncio.create_task(gathered(feed))
        feed.put(StartedMessage(event=1))
        await asyncio.sleep(0.01)
        feed.end()
        feed.put(StartedMessage(event=2))
        return await asyncio.wait_for(reading, 1)

    assert asyncio.run(run()) == [encoded(StartedMessage(event=1))]


def test_speaking_after_the_event_loop_has_ended_does_nothing():
    async def make():
        return Feed()

    asyncio.run(make()).put({"event": 1})
