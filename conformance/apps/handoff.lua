--- LuaSec, unmodified, takes descriptors over from this library's sockets: its C code works on them from then on.
-- What has to hold: getfd, setfd(-1), emptied objects that leave the descriptor alone, select on foreign userdata.

local app = dofile((arg[0]:match("^(.*)/[^/]*$") or ".") .. "/app.lua")
local start_nginx = dofile(app.dir .. "/nginx.lua")

local function make_certificate(openssl, folder)
    app.execute({ "mkdir", folder })
    app.execute({
        openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
        "-keyout", folder .. "/key.pem", "-out", folder .. "/cert.pem",
    })
end

local function connection_cases(socket, ssl, server, params)
    local function connect()
        local client = assert(socket.connect("127.0.0.1", server.port))
        client:settimeout(10)
        assert(client:setoption("tcp-nodelay", true))
        return client
    end

    local function wrap(client)
        local secure = assert(ssl.wrap(client, params))
        secure:settimeout(10)
        return secure
    end

    app.case("wrap takes the descriptor over", function()
        local client = connect()
        local descriptor = client:getfd()
        app.ok(descriptor > 0, descriptor)
        local secure = wrap(client)
        app.equal(client:getfd(), -1)
        app.equal(secure:getfd(), descriptor)
        app.equal(select(2, client:send("x")), "closed")
        secure:close()
    end)

    app.case("blocking handshake and echo", function()
        local secure = wrap(connect())
        app.equal(app.ok(secure:dohandshake()), true)
        app.ok(secure:getpeerverification())
        for i = 1, 100 do
            local line = ("line %d "):format(i):rep(i)
            app.equal(app.ok(secure:send(line .. "\n")), #line + 1)
            app.equal(app.ok(secure:receive("*l")), line)
        end
        secure:close()
    end)

    app.case("1 MB there and back", function()
        local secure = wrap(connect())
        app.ok(secure:dohandshake())
        -- In pieces: the server answers line by line, and nobody reads while one side sends.
        for i = 1, 64 do
            local line = string.char(64 + i):rep(16383)
            app.equal(app.ok(secure:send(line .. "\n")), #line + 1)
            app.equal(app.ok(secure:receive(16384)), line .. "\n")
        end
        secure:close()
    end)

    app.case("collecting the emptied object leaves the connection alone", function()
        local client = connect()
        local secure = wrap(client)
        app.equal(client:close(), 1)
        client = nil
        for _ = 1, 3 do collectgarbage() end
        app.ok(secure:dohandshake())
        app.ok(secure:send("still here\n"))
        app.equal(app.ok(secure:receive("*l")), "still here")
        secure:close()
    end)

    app.case("non-blocking handshake and echo by select", function()
        local busy = wrap(connect()) -- the server serves one at a time: the next connection has to wait
        app.ok(busy:dohandshake())
        local secure = wrap(connect())
        secure:settimeout(0)
        local function wait(message)
            if message == "wantread" or message == "timeout" then
                local readable = socket.select({ secure }, nil, 5)
                app.equal(readable[1], secure, "what select returns")
                app.ok(readable[secure], "no reverse entry")
            elseif message == "wantwrite" then
                app.equal(select(2, socket.select(nil, { secure }, 5))[1], secure, "what select returns")
            else
                error(tostring(message))
            end
        end
        local done, message = secure:dohandshake()
        app.equal(done, false)
        app.equal(message, "wantread")
        app.equal(select(3, socket.select({ secure }, nil, 0.02)), "timeout")
        busy:close()
        while not done do
            wait(message)
            done, message = secure:dohandshake()
        end
        app.equal(app.ok(secure:send("by select\n")), 10)
        local line, problem, partial = secure:receive("*l")
        while not line do
            wait(problem)
            line, problem, partial = secure:receive("*l", partial)
        end
        app.equal(line, "by select")
        secure:close()
    end)

    app.case("select mixes plain and TLS sockets", function()
        local plain_server = assert(socket.bind("127.0.0.1", 0))
        local plain = assert(socket.connect("127.0.0.1", (select(2, plain_server:getsockname()))))
        local secure = wrap(connect())
        app.ok(secure:dohandshake())
        app.ok(secure:send("ready\n"))
        app.equal(app.ok(secure:receive(1)), "r") -- the rest is in LuaSec's buffers: dirty
        local readable = socket.select({ plain, secure }, nil, 5)
        app.equal(#readable, 1)
        app.equal(readable[1], secure)
        app.equal(app.ok(secure:receive("*l")), "eady")
        app.equal(select(3, socket.select({ plain, secure }, nil, 0)), "timeout")
        secure:close()
        plain:close()
        plain_server:close()
    end)

    app.case("the descriptor goes back", function()
        local client = connect()
        local descriptor = client:getfd()
        client:setfd(-1)
        app.equal(client:getfd(), -1)
        client:setfd(descriptor)
        app.equal(client:getfd(), descriptor)
        app.equal(tonumber((select(2, client:getpeername()))), server.port)
        local secure = wrap(client)
        app.ok(secure:dohandshake())
        secure:close()
    end)
end

local function https_cases(server, certificates)
    local https = require("ssl.https")
    local ltn12 = require("ltn12")

    --- https.request with the server's certificate checked; returns body and code.
    local function request(url)
        local parts = {}
        local result, code = https.request({
            url = url, sink = ltn12.sink.table(parts),
            protocol = "any", verify = "peer", cafile = certificates .. "/cert.pem",
        })
        app.ok(result, code)
        return table.concat(parts), code
    end

    app.case("https.request of a page from a server on this library", function()
        local body, code = request("https://127.0.0.1:" .. server.port .. "/a/page")
        app.equal(code, 200)
        app.equal(body, "secure page for GET /a/page HTTP/1.1")
    end)

    app.case("https.request of 2 MB from nginx", function()
        local nginx = start_nginx(app, {
            tls = ("ssl_certificate @/cert.pem; ssl_certificate_key @/key.pem;"):gsub("@", certificates),
        })
        local path = app.random_file("nginx/root/page", 2000000)
        local body, code = request(nginx.url .. "/page")
        app.equal(code, 200)
        app.equal(body, app.read(path))
    end)

    app.case("https.request, string form", function()
        local body, code = https.request("https://localhost:" .. server.port .. "/")
        app.equal(code, 200, body)
        app.equal(body, "secure page for GET / HTTP/1.1")
    end)

    app.case("a certificate that is not trusted", function()
        local result, message = https.request({
            url = "https://127.0.0.1:" .. server.port .. "/", verify = "peer", protocol = "any",
        })
        app.equal(result, nil)
        app.equal(message, "certificate verify failed")
    end)

    app.case("https: connection refused", function()
        local result, message = https.request("https://127.0.0.1:" .. app.free_port() .. "/")
        app.equal(result, nil)
        app.equal(message, "connection refused")
    end)
end

-- Both ends in this process: a call that blocked it would never end.
local function fiber_cases(socket, ssl, certificates, params)
    local found, moonsocket = pcall(require, "moonsocket")
    if not found then return end
    local context = assert(ssl.newcontext({
        mode = "server", protocol = "any", options = { "all", "no_sslv2", "no_sslv3" },
        key = certificates .. "/key.pem", certificate = certificates .. "/cert.pem",
    }))
    local MEGABYTE = ("0123456789abcdef"):rep(2 ^ 16)

    local function answer(secure, line)
        if line == "a megabyte" then
            app.ok(secure:send(MEGABYTE))
        elseif line == "nothing for a while" then
            socket.sleep(0.3)
            secure:send("now\n")
        elseif line:match("^GET ") then
            repeat until app.ok(secure:receive("*l")) == ""
            app.ok(secure:send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage"))
        else
            app.ok(secure:send(line .. "\n"))
        end
    end

    local function serve(client)
        local secure = assert(ssl.wrap(client, context))
        app.ok(secure:dohandshake())
        local line = secure:receive("*l")
        while line do
            answer(secure, line)
            line = secure:receive("*l")
        end
        secure:close()
    end

    --- Runs so many fibers of `body(port, number)`, and as many that serve.
    local function among_fibers(count, body)
        local server = assert(socket.bind("127.0.0.1", 0))
        local _, port = server:getsockname()
        local ended, failure = 0, nil
        local function kept(f, ...)
            local ok, why = pcall(f, ...)
            if not ok then failure = failure or tostring(why) end
        end
        for number = 1, count do
            moonsocket.spawn(function() kept(serve, assert(server:accept())) end)
            moonsocket.spawn(function()
                kept(body, tonumber(port), number)
                ended = ended + 1
            end)
        end
        app.equal(moonsocket.run(), true)
        server:close()
        app.equal(failure, nil)
        app.equal(ended, count)
    end

    local function secured(port)
        local secure = assert(ssl.wrap(assert(socket.connect("127.0.0.1", port)), params))
        app.ok(secure:dohandshake())
        return secure
    end

    app.case("in fibers: handshakes, lines, a megabyte", function()
        among_fibers(10, function(port, number)
            local secure = secured(port)
            secure:settimeout(20)
            for i = 1, 3 do
                local line = number .. " says " .. i
                app.equal(app.ok(secure:send(line .. "\n")), #line + 1)
                app.equal(app.ok(secure:receive("*l")), line)
            end
            app.ok(secure:send("a megabyte\n"))
            app.equal(app.ok(secure:receive(#MEGABYTE)) == MEGABYTE, true)
            secure:close()
        end)
    end)

    app.case("in fibers: limits", function()
        among_fibers(1, function(port)
            local secure = secured(port)
            app.ok(secure:send("nothing for a while\n"))
            for _, limit in ipairs({ { 0 }, { 0.05 }, { 0.05, "t" } }) do
                secure:settimeout((table.unpack or unpack)(limit))
                local before = socket.gettime()
                local data, why, partial = secure:receive("*l")
                app.equal(data, nil)
                app.equal(why, "wantread")
                app.equal(partial, "")
                app.ok(socket.gettime() - before >= limit[1])
                secure:settimeout(nil)
                secure:settimeout(nil, "t")
            end
            app.equal(app.ok(secure:receive("*l")), "now")
            secure:close()
        end)
    end)

    app.case("in fibers: another one closes it", function()
        among_fibers(1, function(port)
            local secure = secured(port)
            moonsocket.spawn(function()
                socket.sleep(0.05)
                secure:close()
            end)
            local data, why = secure:receive("*l")
            app.equal(data, nil)
            app.equal(why, "closed")
        end)
    end)

    app.case("in fibers: https.request", function()
        local https = require("ssl.https")
        local ltn12 = require("ltn12")
        among_fibers(5, function(port)
            local parts = {}
            local done, code = https.request({
                url = "https://127.0.0.1:" .. port .. "/", sink = ltn12.sink.table(parts),
                protocol = "any", verify = "peer", cafile = certificates .. "/cert.pem",
            })
            app.ok(done, code)
            app.equal(code, 200)
            app.equal(table.concat(parts), "page")
        end)
    end)
end

app.run(function()
    local socket = require("socket")
    local ssl = app.module("ssl", "lua-sec")
    local openssl = app.program("openssl", "openssl")
    local certificates = app.path("certificates")
    make_certificate(openssl, certificates)
    local server = app.serve("tls.lua", certificates)
    local params = {
        mode = "client", protocol = "any", options = { "all", "no_sslv2", "no_sslv3" },
        verify = "peer", cafile = certificates .. "/cert.pem",
    }
    connection_cases(socket, ssl, server, params)
    https_cases(server, certificates)
    fiber_cases(socket, ssl, certificates, params)
end)
