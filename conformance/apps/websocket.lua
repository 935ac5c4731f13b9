--- lua-websockets, unmodified, from a checkout: its server over Copas in a process of its own, its blocking client and
-- its client over Copas here; both on the library under test.

local app = dofile((arg[0]:match("^(.*)/[^/]*$") or ".") .. "/app.lua")

local CLIENTS, MESSAGES = 10, 20

local SERVER = [[
local announcement = ...
local copas, socket = require("copas"), require("socket")
local probe = assert(socket.bind("127.0.0.1", 0))
local port = select(2, probe:getsockname())
probe:close()
local function echo(ws)
    while true do
        local message, opcode = ws:receive()
        if not message then return ws:close() end
        if message == "everybody" then ws:broadcast("hello all")
        else ws:send(message, opcode) end
    end
end
require("websocket").server.copas.listen({
    port = tonumber(port), interface = "127.0.0.1", protocols = { echo = echo }, default = function(ws)
        local message = ws:receive()
        ws:send("default " .. tostring(message))
        ws:close(1001, "that is all")
    end,
})
local file = assert(io.open(announcement .. ".new", "w"))
file:write(tostring(port))
file:close()
os.rename(announcement .. ".new", announcement)
copas.loop()
]]

local function start_server()
    local script, announcement = app.write(app.path("server.lua"), SERVER), app.path("server.port")
    local words = { "env", app.lua_path(), app.interpreter, script, announcement }
    local server = app.start("websocket server", words, function(process)
        local file = io.open(announcement)
        if not file then return false end
        process.port = file:read("*a"):match("%d+")
        file:close()
        return process.port ~= nil
    end)
    app.uses_core(server)
    return "ws://127.0.0.1:" .. server.port
end

local function blocking_cases(websocket, url)
    local function connect(protocol)
        local client = websocket.client.sync({ timeout = 10 })
        local connected, agreed = client:connect(url, protocol)
        app.ok(connected, agreed)
        return client, agreed
    end

    app.case("echo of texts and bytes, all length classes of frames", function()
        local client, protocol = connect("echo")
        app.equal(protocol, "echo")
        for _, size in ipairs({ 1, 125, 126, 127, 65535, 65536, 300000 }) do
            local message = ("\0\255\r\ny"):rep(size):sub(1, size)
            app.ok(client:send(message, websocket.BINARY))
            local answer, opcode = client:receive()
            app.ok(answer == message, "the answer differs at " .. size .. " bytes")
            app.equal(opcode, websocket.BINARY)
        end
        for i = 1, MESSAGES do app.ok(client:send("message " .. i)) end
        for i = 1, MESSAGES do app.equal((client:receive()), "message " .. i) end
        local clean, code = client:close(1000, "enough")
        app.equal(clean, true)
        app.equal(code, 1000)
    end)

    app.case("the server closes, with a reason", function()
        local client = connect(nil)
        app.ok(client:send("word"))
        app.equal((client:receive()), "default word")
        local message, opcode, clean, code, reason = client:receive()
        app.equal(message, nil)
        app.equal(opcode, nil)
        app.equal(clean, true)
        app.equal(code, 1001)
        app.equal(reason, "that is all")
    end)

    app.case("broadcast", function()
        local listeners = {}
        for i = 1, 5 do
            listeners[i] = connect("echo")
            app.ok(listeners[i]:send("ready")) -- answered, so the server knows it
            app.equal((listeners[i]:receive()), "ready")
        end
        app.ok(listeners[1]:send("everybody"))
        for i = 1, 5 do app.equal((listeners[i]:receive()), "hello all") end
        for i = 1, 5 do app.equal((listeners[i]:close()), true) end
    end)

    app.case("a timeout and a refused connection", function()
        local client = websocket.client.sync({ timeout = 0.1 })
        app.ok(client:connect(url, "echo"))
        local message, _, clean, code, reason = client:receive()
        app.equal(message, nil)
        app.equal(clean, false)
        app.equal(code, 1006)
        app.equal(reason, "timeout")
        local refused = websocket.client.sync()
        local connected, problem = refused:connect("ws://127.0.0.1:" .. app.free_port(), "echo")
        app.equal(connected, nil)
        app.equal(problem, "connection refused")
    end)
end

local function copas_case(websocket, socket, url)
    app.case(CLIENTS .. " clients over Copas", function()
        local copas = require("copas")
        local order, ended, problem = {}, 0, nil
        for number = 1, CLIENTS do
            copas.addthread(function()
                copas.setErrorHandler(function(message) problem = message end)
                local client = websocket.client.copas({})
                app.ok(client:connect(url, "echo"))
                for i = 1, MESSAGES do
                    local message = ("client %d, message %d "):format(number, i):rep(200)
                    app.ok(client:send(message))
                    app.ok(client:receive() == message, "another answer")
                    order[#order + 1] = number
                end
                app.equal((client:close()), true)
                ended = ended + 1
            end)
        end
        local deadline = socket.gettime() + 10
        while ended < CLIENTS do
            copas.step(0.1)
            if problem then error(problem, 0) end
            if socket.gettime() > deadline then error(ended .. " of " .. CLIENTS .. " clients ended in 10 s") end
        end
        app.equal(#order, CLIENTS * MESSAGES)
    end)
end

app.run(function()
    local socket = require("socket")
    app.module("coxpcall", "lua-coxpcall")
    app.module("copas", "lua-copas")
    app.module("ssl", "lua-sec") -- its blocking half loads it
    app.checkout("lipp/lua-websockets", "src")
    -- bit32, or BitOp, whichever there is.
    if not pcall(require, "bit32") then app.module("bit", "lua-bitop") end
    local websocket = require("websocket")
    local url = start_server()
    blocking_cases(websocket, url)
    copas_case(websocket, socket, url)
end)
