--- Copas, unmodified: servers and clients as coroutines of one process over this library's select and timeout 0.

local app = dofile((arg[0]:match("^(.*)/[^/]*$") or ".") .. "/app.lua")

local CLIENTS, LINES, REQUESTS = 10, 50, 5

--- Steps Copas until `done()`; fails after ten seconds.
local function loop(copas, socket, done)
    local deadline = socket.gettime() + 10
    while not done() do
        copas.step(0.1)
        if socket.gettime() > deadline then error("not done after 10 s", 2) end
    end
end

--- Runs `body` in a Copas thread; returns a function that says whether it has ended, and raises its error.
local function thread(copas, body)
    local ended, problem = false, nil
    copas.addthread(function()
        copas.setErrorHandler(function(message) ended, problem = true, message end)
        body()
        ended = true
    end)
    return function()
        if problem then error(problem, 0) end
        return ended
    end
end

local function listen(socket)
    local server = assert(socket.bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    return server, tonumber(port)
end

local function tcp_cases(copas, socket, port)
    app.case(CLIENTS .. " clients exchange " .. LINES .. " lines each", function()
        local order, states = {}, {}
        for number = 1, CLIENTS do
            states[number] = thread(copas, function()
                local client = assert(socket.tcp())
                app.equal(app.ok(copas.connect(client, "127.0.0.1", port)), 1)
                for i = 1, LINES do
                    local line = "client " .. number .. ", line " .. i
                    app.ok(copas.send(client, line .. "\n"))
                    app.equal(app.ok(copas.receive(client)), line:upper())
                    order[#order + 1] = number
                end
                client:close()
            end)
        end
        loop(copas, socket, function()
            local all = true
            for number = 1, CLIENTS do all = states[number]() and all end
            return all
        end)
        app.equal(#order, CLIENTS * LINES)
        local changes = 0
        for i = 2, #order do if order[i] ~= order[i - 1] then changes = changes + 1 end end
        app.ok(changes > CLIENTS, "the clients ran one after the other: " .. changes .. " changes")
    end)

    app.case("2 MB in one line", function()
        local line = ("abcdefghijklmnop"):rep(131072)
        local ended = thread(copas, function()
            local client = assert(socket.tcp())
            app.ok(copas.connect(client, "127.0.0.1", port))
            app.equal(app.ok(copas.send(client, line .. "\n")), #line + 1)
            app.ok(app.ok(copas.receive(client)) == line:upper(), "the line came back changed")
            client:close()
        end)
        loop(copas, socket, ended)
    end)

    app.case("a wrapped socket", function()
        local ended = thread(copas, function()
            local client = assert(socket.tcp())
            app.ok(copas.connect(client, "127.0.0.1", port))
            local wrapped = copas.wrap(client)
            app.ok(wrapped:send("wrapped\n"))
            app.equal(app.ok(wrapped:receive(8)), "WRAPPED\n")
            client:close()
        end)
        loop(copas, socket, ended)
    end)

    app.case("a server that closes", function()
        local ended = thread(copas, function()
            local client = assert(socket.tcp())
            app.ok(copas.connect(client, "127.0.0.1", port))
            app.ok(copas.send(client, "bye\npart"))
            app.equal(app.ok(copas.receive(client)), "BYE")
            local line, message, partial = copas.receive(client)
            app.equal(line, nil)
            app.equal(message, "closed")
            app.equal(partial, "")
            client:close()
        end)
        loop(copas, socket, ended)
    end)

    app.case("connection refused", function()
        local refused = app.free_port()
        local ended = thread(copas, function()
            local result, message = copas.connect(assert(socket.tcp()), "127.0.0.1", refused)
            app.equal(result, nil)
            app.equal(message, "connection refused")
        end)
        loop(copas, socket, ended)
    end)
end

local function udp_case(copas, socket)
    app.case("a datagram server and its client", function()
        local server = assert(socket.udp())
        assert(server:setsockname("127.0.0.1", 0))
        local _, port = server:getsockname()
        copas.addserver(server, function(handle)
            handle = copas.wrap(handle)
            while true do
                local data, ip, from = handle:receivefrom()
                handle:sendto(data:reverse(), ip, from)
            end
        end)
        local ended = thread(copas, function()
            local client = assert(socket.udp())
            client:settimeout(0)
            assert(client:setpeername("127.0.0.1", port))
            for i = 1, 20 do
                app.ok(copas.send(client, "datagram " .. i))
                app.equal(app.ok(copas.receive(client, 8192)), ("datagram " .. i):reverse())
            end
            client:close()
        end)
        loop(copas, socket, ended)
    end)
end

local function http_cases(copas, socket)
    app.case("socket.http in several threads at once", function()
        local http = require("socket.http") -- after copas, which replaces socket.protect and socket.newtry
        local ltn12 = require("ltn12")
        local server, port = listen(socket)
        -- Nobody is answered before all have asked: requests one after the other would never end.
        local waiting = {}
        copas.addserver(server, function(client)
            local handle = copas.wrap(client)
            local path = handle:receive("*l"):match("^GET (%S+)")
            repeat local line = handle:receive("*l") until line == ""
            waiting[#waiting + 1] = { handle = handle, body = path:rep(20000) }
            if #waiting == REQUESTS then
                for _, request in ipairs(waiting) do
                    local head = "HTTP/1.1 200 OK\r\nContent-Length: " .. #request.body .. "\r\n\r\n"
                    request.handle:send(head .. request.body)
                end
            end
            handle:receive("*l") -- until the client closes
        end)
        --- What http wants of a socket, done by Copas.
        local function create()
            local client = assert(socket.tcp())
            return {
                settimeout = function() return 1 end,
                connect = function(_, host, to) return copas.connect(client, host, to) end,
                send = function(_, ...) return copas.send(client, ...) end,
                receive = function(_, ...) return copas.receive(client, ...) end,
                close = function() return client:close() end,
            }
        end
        local states = {}
        for i = 1, REQUESTS do
            states[i] = thread(copas, function()
                local parts = {}
                local result, code = http.request({
                    url = "http://127.0.0.1:" .. port .. "/" .. i, sink = ltn12.sink.table(parts), create = create,
                })
                app.equal(result, 1, code)
                app.equal(code, 200)
                app.equal(table.concat(parts), ("/" .. i):rep(20000))
            end)
        end
        loop(copas, socket, function()
            local all = true
            for i = 1, REQUESTS do all = states[i]() and all end
            return all
        end)
    end)

    app.case("copas.http", function()
        local loaded = pcall(require, "copas.http")
        if not loaded then app.skip("not in this Copas (" .. copas._VERSION .. ")") end
        error("this Copas has copas.http: write the case")
    end)
end

app.run(function()
    local socket = require("socket")
    app.module("coxpcall", "lua-coxpcall") -- which Copas needs, and which may have to be borrowed as well
    local copas = app.module("copas", "lua-copas")
    local server, port = listen(socket)
    copas.addserver(server, function(client)
        while true do
            local line = copas.receive(client)
            if not line then return end
            copas.send(client, line:upper() .. "\n")
            if line == "bye" then return end
        end
    end)
    tcp_cases(copas, socket, port)
    udp_case(copas, socket)
    http_cases(copas, socket)
end)
