--- luamqtt, unmodified, from a checkout, against Debian's mosquitto.

local app = dofile((arg[0]:match("^(.*)/[^/]*$") or ".") .. "/app.lua")

local WAIT_S_MAX = 10

local function start_broker()
    local program = app.program("mosquitto", "mosquitto")
    local port = app.free_port()
    local config = "listener " .. port .. " 127.0.0.1\nallow_anonymous true\npersistence false\n"
    local user = app.execute({ "id", "-un" }):gsub("%s", "")
    if user == "root" then config = config .. "user root\n" end -- or it changes to a user who cannot read the file
    local file = app.write(app.path("mosquitto.conf"), config)
    app.start("mosquitto", { program, "-c", file }, function() return app.answers("127.0.0.1", port) end)
    return "127.0.0.1:" .. port
end

--- Runs the clients in luamqtt's loop until they have left it.
local function run(socket, mqtt, ...)
    local loop = mqtt.get_ioloop and mqtt.get_ioloop() or require("mqtt.ioloop").create()
    local deadline, clients = socket.gettime() + WAIT_S_MAX, { ... }
    for _, client in ipairs(clients) do loop:add(client) end
    while next(loop.clients) do
        loop:iteration()
        if socket.gettime() > deadline then error("the clients have not ended after " .. WAIT_S_MAX .. " s", 2) end
    end
end

--- A client with handlers; an error of the library's ends the test.
local function client(mqtt, options, handlers)
    local made = mqtt.client(options)
    handlers.error = handlers.error or function(message) error(tostring(message), 0) end
    made:on(handlers)
    return made
end

local function exchange_cases(socket, mqtt, uri, version)
    local name = "MQTT " .. (version == 5 and "5" or "3.1.1")
    for qos = 0, 2 do
        app.case(name .. ": publish to itself, quality " .. qos, function()
            local got, me = {}, nil
            me = client(mqtt, { uri = uri, clean = true, version = version }, {
                connect = function(reply)
                    app.equal(reply.rc, 0)
                    assert(me:subscribe({ topic = "test/" .. qos .. "/#", qos = qos, callback = function()
                        for i = 1, 5 do
                            local topic = "test/" .. qos .. "/" .. i
                            assert(me:publish({ topic = topic, payload = "text " .. i, qos = qos }))
                        end
                    end }))
                end,
                message = function(message)
                    assert(me:acknowledge(message))
                    got[#got + 1] = message.topic .. "=" .. message.payload
                    if #got == 5 then me:disconnect() end
                end,
            })
            run(socket, mqtt, me)
            for i = 1, 5 do app.equal(got[i], ("test/%d/%d=text %d"):format(qos, i, i)) end
        end)
    end

    app.case(name .. ": 200 kB from one client to another", function()
        local payload = ("\0\r\n\255binary "):rep(18182)
        local got, from, to
        from = client(mqtt, { uri = uri, clean = true, version = version }, { connect = function() end })
        to = client(mqtt, { uri = uri, clean = true, version = version }, {
            connect = function()
                assert(to:subscribe({ topic = "big", qos = 1, callback = function()
                    assert(from:publish({ topic = "big", payload = payload, qos = 1 }))
                end }))
            end,
            message = function(message)
                got = message.payload
                assert(to:acknowledge(message))
                to:disconnect()
                from:disconnect()
            end,
        })
        run(socket, mqtt, from, to)
        app.ok(got == payload, "the payload came changed")
    end)
end

local function other_cases(socket, mqtt, uri)
    app.case("a will, when the client's connection just ends", function()
        local got, watcher, victim
        victim = client(mqtt, { uri = uri, clean = true, will = { topic = "will", payload = "gone" } }, {
            connect = function() victim:close_connection("on purpose") end,
        })
        watcher = client(mqtt, { uri = uri, clean = true }, {
            connect = function()
                assert(watcher:subscribe({ topic = "will", qos = 0, callback = function()
                    require("mqtt.ioloop").get():add(victim)
                end }))
            end,
            message = function(message)
                got = message.payload
                watcher:disconnect()
            end,
        })
        run(socket, mqtt, watcher)
        app.equal(got, "gone")
    end)

    app.case("pings keep a silent connection", function()
        local due, got, me = nil, nil, nil
        me = client(mqtt, { uri = uri, clean = true, keep_alive = 1 }, {
            connect = function()
                assert(me:subscribe({ topic = "late", qos = 0, callback = function()
                    due = socket.gettime() + 2.2
                end }))
            end,
            message = function(message)
                got = message.payload
                me:disconnect()
            end,
        })
        -- A broker lets go after one and a half times the interval without a packet.
        local function clock()
            if due and socket.gettime() > due then
                due = nil
                assert(me:publish({ topic = "late", payload = "still here", qos = 0 }))
            end
            if got then require("mqtt.ioloop").get():remove(clock) end
        end
        run(socket, mqtt, me, clock)
        app.equal(got, "still here")
    end)

    app.case("without a loop, blocking", function()
        local got, me = nil, nil
        me = client(mqtt, { uri = uri, clean = true }, {
            connect = function()
                assert(me:subscribe({ topic = "sync", qos = 1, callback = function()
                    assert(me:publish({ topic = "sync", payload = "one by one", qos = 1 }))
                end }))
            end,
            message = function(message)
                got = message.payload
                assert(me:acknowledge(message))
                me:disconnect()
            end,
        })
        mqtt.run_sync(me)
        app.equal(got, "one by one")
    end)

    app.case("connection refused", function()
        local said
        local me = client(mqtt, { uri = "127.0.0.1:" .. app.free_port(), clean = true }, {
            error = function(message) said = said or message end,
        })
        run(socket, mqtt, me)
        app.ok(tostring(said):match("connection refused"), tostring(said))
    end)
end

app.run(function()
    local socket = require("socket")
    app.checkout("xHasKx/luamqtt", ".")
    if _VERSION == "Lua 5.1" then app.module("bit", "lua-bitop") end
    local mqtt = require("mqtt")
    local uri = start_broker()
    exchange_cases(socket, mqtt, uri, 4)
    exchange_cases(socket, mqtt, uri, 5)
    other_cases(socket, mqtt, uri)
end)
