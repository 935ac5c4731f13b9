--- A file server for one test: speaks enough FTP for socket.ftp (passive mode, binary). Second argument: its folder.

local dir = arg[0]:match("^(.*)/[^/]*$") or "."
local listen = dofile(dir .. "/listen.lua")
local socket = require("socket")

local function send_file(data, file)
    while true do
        local block = file:read(65536)
        if not block then return true end
        assert(data:send(block))
    end
end

local function receive_file(data, file)
    while true do
        local block, message, partial = data:receive(65536)
        file:write(block or partial)
        if not block then return message == "closed" or error(message, 0) end
    end
end

listen(function(client)
    local passive
    local function say(text) assert(client:send(text .. "\r\n")) end

    local function transfer(name, mode, move)
        local file = io.open(arg[2] .. "/" .. name, mode)
        if name:find("..", 1, true) or not file then return say("550 no such file") end
        say("150 here it comes")
        local data = assert(passive:accept())
        data:settimeout(10)
        move(data, file)
        file:close()
        data:close()
        passive:close()
        say("226 done")
    end

    say("220-test server\r\n220 ready")
    while true do
        local verb, rest = assert(client:receive("*l")):match("^(%a+) ?(.*)$")
        if verb == "USER" then
            say("331 and the password?")
        elseif verb == "PASS" then
            say(rest == "moon" and "230 logged in" or "530 wrong password")
        elseif verb == "TYPE" then
            say((rest == "i" or rest == "I") and "200 binary" or "504 binary only")
        elseif verb == "EPSV" then
            passive = assert(socket.bind("127.0.0.1", 0))
            passive:settimeout(10)
            local _, port = passive:getsockname()
            say("229 entering extended passive mode (|||" .. port .. "|)")
        elseif verb == "RETR" then
            transfer(rest, "rb", send_file)
        elseif verb == "STOR" then
            transfer(rest, "wb", receive_file)
        elseif verb == "QUIT" then
            say("221 bye")
            return
        else
            say("502 not here")
        end
    end
end)
