--- The HTTP server behind nginx: answers every request with its method and its exact body.
-- It speaks HTTP/1.0 without a Content-Length, which nginx can only pass on as chunked.

local dir = arg[0]:match("^(.*)/[^/]*$") or "."
local listen = dofile(dir .. "/listen.lua")

listen(function(client)
    local method, path = assert(client:receive("*l")):match("^(%S+) (%S+)")
    local length = 0
    repeat
        local line = assert(client:receive("*l"))
        length = tonumber(line:lower():match("^content%-length: *(%d+)$")) or length
    until line == ""
    local body = assert(client:receive(length))
    assert(client:send("HTTP/1.0 200 OK\r\nX-Method: " .. method .. "\r\nX-Path: " .. path .. "\r\n\r\n"))
    assert(client:send(body))
end)
