--- redis-lua, unmodified, against a real redis-server: over TCP and over a unix socket, the same cases on both.

local app = dofile((arg[0]:match("^(.*)/[^/]*$") or ".") .. "/app.lua")

local PIPELINED = 10000

local function start_server()
    local program = app.program("redis-server", "redis-server")
    local port, path = app.free_port(), app.path("redis.sock")
    local words = {
        program, "--bind", "127.0.0.1", "--port", port, "--unixsocket", path, "--dir", app.path("."),
        "--save", "", "--appendonly", "no", "--daemonize", "no",
    }
    local server = app.start("redis-server", words, function() return app.answers("127.0.0.1", port) end)
    server.port, server.path = port, path
    return server
end

local function every_byte()
    local bytes = {}
    for i = 0, 255 do bytes[#bytes + 1] = string.char(i) end
    return table.concat(bytes) .. "\r\n$3\r\n\0\r\n"
end

--- Values: what goes in comes out.
local function values(case, connect)
    case("set and get", function()
        local client = connect()
        app.equal(client:ping(), true)
        app.equal(client:flushdb(), true)
        app.equal(client:set("key", "value"), true)
        app.equal(client:get("key"), "value")
        app.equal(client:get("no such key"), nil)
        app.equal(client:del("key"), 1)
        app.equal(client:incrby("counter", 41), 41)
        app.equal(client:incr("counter"), 42)
        app.equal(client:quit(), true)
    end)

    case("binary value", function()
        local client, value = connect(), every_byte()
        app.equal(client:set("binary", value), true)
        app.equal(client:strlen("binary"), #value)
        app.equal(client:get("binary"), value)
        app.equal(client:set("empty", ""), true)
        app.equal(client:get("empty"), "")
        client:quit()
    end)

    case("1 MB value", function()
        local client = connect()
        local value = (every_byte() .. "-"):rep(4000):sub(1, 1024 * 1024)
        app.equal(#value, 1024 * 1024)
        app.equal(client:set("large", value), true)
        app.equal(client:get("large"), value)
        app.equal(client:getrange("large", 1024 * 1024 - 5, -1), value:sub(-5))
        client:quit()
    end)

    case("list and hash", function()
        local client = connect()
        client:del("list", "hash")
        for i = 1, 100 do client:rpush("list", "item " .. i) end
        local items = client:lrange("list", 0, -1)
        app.equal(#items, 100)
        for i = 1, 100 do app.equal(items[i], "item " .. i) end
        client:hmset("hash", "a", "1", "b", "two")
        local hash = client:hgetall("hash")
        app.equal(hash.a, "1")
        app.equal(hash.b, "two")
        client:quit()
    end)

    case("an error reply", function()
        local client = connect()
        client:set("text", "not a number")
        local ok, message = pcall(client.incr, client, "text")
        app.equal(ok, false)
        app.ok(tostring(message):find("redis error: ERR value is not an integer", 1, true), message)
        app.equal(client:get("text"), "not a number", "the connection still works: value")
        client:quit()
    end)
end

--- Several commands in flight.
local function exchanges(case, connect)
    case("pipeline of " .. PIPELINED .. " commands", function()
        local client = connect()
        client:flushdb()
        -- Commands whose replies redis-lua converts: with others its pipeline raises on Lua 5.2 and later (its
        -- table.insert of a missing converter leaves holes).
        local replies, count = client:pipeline(function(pipeline)
            for i = 1, PIPELINED / 2 do
                pipeline:hset("pipe:" .. i, "field", "value " .. i)
                pipeline:hgetall("pipe:" .. i)
            end
        end)
        app.equal(count, PIPELINED)
        app.equal(#replies, PIPELINED)
        for i = 1, PIPELINED / 2 do
            app.equal(replies[2 * i - 1], true, "reply to set " .. i)
            app.equal(replies[2 * i].field, "value " .. i, "reply to get " .. i)
        end
        client:quit()
    end)

    case("transaction", function()
        local client = connect()
        client:del("sum")
        local replies, count = client:transaction(function(transaction)
            transaction:set("sum", "1")
            transaction:incrby("sum", 9)
            transaction:exists("sum")
            transaction:get("sum")
        end)
        app.equal(count, 4)
        app.equal(replies[1], true)
        app.equal(replies[2], 10)
        app.equal(replies[3], true)
        app.equal(replies[4], "10")
        client:quit()
    end)

    case("publish and subscribe", function()
        local subscriber, publisher = connect(), connect()
        local kinds = {}
        for message, abort in subscriber:pubsub({ subscribe = { "news" } }) do
            kinds[#kinds + 1] = message.kind
            app.equal(message.channel, "news")
            if message.kind == "subscribe" then
                app.equal(message.payload, 1)
                app.equal(publisher:publish("news", "one\r\nmessage"), 1)
            elseif message.kind == "message" then
                app.equal(message.payload, "one\r\nmessage")
                abort()
            end
        end
        app.equal(table.concat(kinds, " "), "subscribe message")
        publisher:quit()
        subscriber.network.socket:close()
    end)
end

app.run(function()
    local redis = app.module("redis", "lua-redis")
    local server = start_server()

    local function tcp()
        return redis.connect({ host = "127.0.0.1", port = server.port, timeout = 10 })
    end
    local function tcp_case(name, body) app.case("tcp: " .. name, body) end
    values(tcp_case, tcp)
    exchanges(tcp_case, tcp)

    local function unix() return redis.connect("unix://" .. server.path) end
    local function unix_case(name, body)
        app.case("unix: " .. name, function()
            app.beside_core("socket.unix", "lua-socket")
            body()
        end)
    end
    values(unix_case, unix)
    exchanges(unix_case, unix)

    app.case("tcp: no delay is set", function()
        local client = tcp()
        app.equal(client.network.socket:getoption("tcp-nodelay"), true)
        client:quit()
    end)

    app.case("tcp: timeout while nothing comes", function()
        local client = redis.connect({ host = "127.0.0.1", port = server.port, timeout = 0.1 })
        local ok, message = pcall(client.blpop, client, "empty list", 0)
        app.equal(ok, false)
        app.ok(tostring(message):find("connection error: timeout", 1, true), message)
        client.network.socket:close()
    end)

    server:stop()
    app.case("tcp: connection refused", function()
        local ok, message = pcall(tcp)
        app.equal(ok, false)
        local expected = "could not connect to 127.0.0.1:" .. server.port .. " [connection refused]"
        app.ok(tostring(message):find(expected, 1, true), message)
    end)

    unix_case("no such socket", function()
        local ok, message = pcall(unix)
        app.equal(ok, false)
        local expected = "could not connect to " .. server.path .. " [No such file or directory]"
        app.ok(tostring(message):find(expected, 1, true), message)
    end)
end)
