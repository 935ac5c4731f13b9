--- A mail server for one test: speaks enough SMTP for socket.smtp and writes each message, with its envelope, to a
-- file. Strict on purpose: lines must end in CRLF, and commands out of order are refused. Second argument: the folder
-- for the messages 1, 2, ... Files appear only when the message is complete.

local dir = arg[0]:match("^(.*)/[^/]*$") or "."
local listen = dofile(dir .. "/listen.lua")
local mime = require("mime")

local count = 0

local function store(envelope, data)
    count = count + 1
    local path = arg[2] .. "/" .. count
    local file = assert(io.open(path .. ".new", "wb"))
    file:write("auth: ", envelope.auth or "-", "\n", "from: ", envelope.from, "\n")
    for _, to in ipairs(envelope.to) do file:write("to: ", to, "\n") end
    file:write("\n", data)
    file:close()
    assert(os.rename(path .. ".new", path))
end

listen(function(client)
    local buffered = ""

    --- A line with its end, byte by byte as sent: receive("*l") would drop carriage returns.
    local function line()
        while true do
            local stop = buffered:find("\n", 1, true)
            if stop then
                local text = buffered:sub(1, stop)
                buffered = buffered:sub(stop + 1)
                return text
            end
            local data, message, partial = client:receive(1)
            if not data and partial == "" then error(message, 0) end
            buffered = buffered .. (data or partial)
        end
    end
    local function command() return assert(line():match("^(.*)\r\n$"), "a command without CRLF") end
    local function say(text) assert(client:send(text .. "\r\n")) end

    local envelope
    local function data()
        say("354 go on")
        local lines = {}
        while true do
            local text = line()
            if text == ".\r\n" then break end
            lines[#lines + 1] = text:gsub("^%.", "")
        end
        store(envelope, table.concat(lines))
        envelope = nil
        say("250 stored")
    end

    local auth
    say("220-test server\r\n220 at your service")
    while true do
        local text = command()
        local verb, rest = text:match("^(%a+) ?(.*)$")
        if verb == "EHLO" then
            say("250-hello " .. rest .. "\r\n250-AUTH PLAIN\r\n250 8BITMIME")
        elseif verb == "AUTH" then
            auth = mime.unb64((rest:gsub("^PLAIN ", ""))):gsub("%z", "|")
            say("235 welcome")
        elseif verb == "MAIL" then
            envelope = { from = rest:match("^FROM:(.*)$"), to = {}, auth = auth }
            say("250 sender ok")
        elseif verb == "RCPT" and envelope then
            local to = rest:match("^TO:(.*)$")
            if to:find("nobody", 1, true) then
                say("550 no such user")
            else
                envelope.to[#envelope.to + 1] = to
                say("250 recipient ok")
            end
        elseif verb == "DATA" and envelope and envelope.to[1] then
            data()
        elseif verb == "QUIT" then
            say("221 bye")
            return
        else
            say("503 bad sequence")
        end
    end
end)
