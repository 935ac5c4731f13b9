--- A TLS server on LuaSec over this library's sockets: a request line "GET ..." gets a page, other lines come back.
-- Second argument: the folder with key.pem and cert.pem. Fails the connection when the descriptor was not handed over.

local dir = arg[0]:match("^(.*)/[^/]*$") or "."
local listen = dofile(dir .. "/listen.lua")
local ssl = require("ssl")

local context = assert(ssl.newcontext({
    mode = "server", protocol = "any", options = { "all", "no_sslv2", "no_sslv3" },
    key = arg[2] .. "/key.pem", certificate = arg[2] .. "/cert.pem",
}))

listen(function(client)
    assert(client:setoption("tcp-nodelay", true))
    local descriptor = client:getfd()
    local secure = assert(ssl.wrap(client, context))
    assert(client:getfd() == -1 and secure:getfd() == descriptor, "the descriptor was not handed over")
    client:close() -- the emptied object; must not close what it gave away
    collectgarbage()
    secure:settimeout(10)
    assert(secure:dohandshake())
    local line = secure:receive("*l")
    if line and line:match("^GET ") then
        local request = line
        repeat line = assert(secure:receive("*l")) until line == ""
        local page = "secure page for " .. request
        assert(secure:send("HTTP/1.1 200 OK\r\nContent-Length: " .. #page .. "\r\n\r\n" .. page))
    else
        while line do
            assert(secure:send(line .. "\n"))
            line = secure:receive("*l")
        end
    end
    secure:close()
end)
