--- What the servers of the application tests share: listen on a free loopback port, announce it, serve for ever.
-- Returns function(handler): each connection is handled to its end before the next is accepted. The first argument of
-- the script is the file that announces the port. Ended by a signal from the keeper.

local socket = require("socket")

return function(handler)
    local announcement = assert(arg[1], "no file for the port")
    local server = assert(socket.bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    local file = assert(io.open(announcement .. ".new", "w"))
    file:write(port)
    file:close()
    assert(os.rename(announcement .. ".new", announcement))
    while true do
        local client = assert(server:accept())
        client:settimeout(10)
        local ok, problem = xpcall(function() handler(client) end, debug.traceback)
        if not ok then io.stderr:write(problem, "\n") end
        client:close()
    end
end
