"""The page on which a user corrects a drawing: server, sessions, log, exports.

A package imports only packages below it; the three in one row do not import each other::

    server                       the application, its guard, and how it is started
    routes                       what can be asked for over HTTP
    session                      one annotation session a mirror; all that are open
    library | images | export    the list of images, jobs, models; tiles and layers; files to keep
    stream_messages              the JSON that the server tells in the event stream
    messages                     the JSON of requests and responses
    limits                       which strokes are accepted
    errors
"""
