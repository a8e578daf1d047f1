"""The queue of one tab, between threads that publish and one stream that sends."""

from __future__ import annotations

import asyncio
import json
import threading

from annotate.messages import Hello, RefusedMessage, TroubleMessage
from annotate.routes import feed as module
from annotate.routes.feed import MOST_WAITING, Feed, encoded


async def gathered(feed):
    return [part async for part in feed.sent()]


def test_messages_come_in_their_order_whatever_thread_says_them():
    async def run():
        feed = Feed()
        speaker = threading.Thread(target=lambda: [feed.put(Hello(event=number)) for number in range(100)])
        speaker.start()
        heard = [await anext(parts) for parts in [feed.sent()] for _ in range(100)]
        speaker.join()
        return heard

    assert asyncio.run(run()) == [encoded(Hello(event=number)) for number in range(100)]


def test_a_message_is_one_event_with_its_number_and_no_line_end_within():
    message = RefusedMessage(event=7, stroke=6, message="two\nlines\r\nü")
    text = encoded(message).decode()

    number, data, *rest = text.split("\n")
    assert number == "id: 7"
    assert json.loads(data.removeprefix("data: ")) == message.model_dump()
    assert rest == ["", ""]
    assert encoded(TroubleMessage(message="the disk is full")).startswith(b"data: ")


def test_a_tab_that_does_not_read_is_dropped_and_keeps_no_memory():
    async def run():
        feed = Feed()
        for number in range(10 * MOST_WAITING + 7):
            feed.put(Hello(event=number))
        await asyncio.sleep(0)
        feed.put(Hello(event=-1))
        await asyncio.sleep(0)
        return await asyncio.wait_for(gathered(feed), 1), feed._messages.qsize()

    assert asyncio.run(run()) == ([], 0)


def test_a_silent_stream_is_kept_open_by_comments(monkeypatch):
    monkeypatch.setattr(module, "KEEP_ALIVE_S", 0.01)

    async def run():
        return await anext(Feed().sent())

    assert asyncio.run(run()).startswith(b":")


def test_an_ended_stream_is_over_and_says_no_more():
    async def run():
        feed = Feed()
        reading = asyncio.create_task(gathered(feed))
        feed.put(Hello(event=1))
        await asyncio.sleep(0.01)
        feed.end()
        feed.put(Hello(event=2))
        return await asyncio.wait_for(reading, 1)

    assert asyncio.run(run()) == [encoded(Hello(event=1))]


def test_speaking_after_the_event_loop_has_ended_does_nothing():
    async def make():
        return Feed()

    asyncio.run(make()).put({"event": 1})
