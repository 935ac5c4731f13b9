--- The current Copas, unmodified, from a checkout, with its own tests: each is a program that ends well or does not.
-- They use fixed ports and sleep a lot, so they run several at a time, each in a network of its own.

local app = dofile((arg[0]:match("^(.*)/[^/]*$") or ".") .. "/app.lua")

local TEST_S_MAX = 80

--- What runs one after the other stands in one lane: the sums of their times are alike, and only one lane is busy.
local LANES = {
    { "starve" },
    { "http-timeout" },
    {
        "largetransfer", "close", "errhandlers", "exit", "exittest", "future", "lock", "loop_starter", "pause", "queue",
        "removeserver",
    },
    { "removethread", "semaphore", "tcptimeout", "timeout_errors", "timer", "tls-sni", "udptimeout", "cancelall" },
}

--- The last line of a test that found nothing wrong; some end with exit code 0 all the same.
local ENDINGS = {
    exit = "Test 2 done", exittest = "8%) success", removeserver = "triggered%s+hi 3", starve = "Loop done",
    ["tls-sni"] = "succesfully completed test",
    -- With LuaSocket too, the other server of each pair gives up early (`receive` of everything with Copas's timeout
    -- 0), and of what goes over TLS the end may be lost: the client leaves its socket to the collector.
    largetransfer = "reading port 49500... Done![^\n]+52428800\n.*reading port 49500... Done!.*Loop done",
}

--- Tests that fail with LuaSocket too, and how they have to fail.
local FAILURES = {
    -- It counts on bind to listen, as it did in LuaSocket 2.
    cancelall = "calling 'accept' on bad self %(tcp{server} expected%)",
}

--- What tests with narrow time limits say on a busy machine; that is no verdict.
local BUSY = {
    removethread = "Expected immediate exit, after removal of thread, took: 0%.[67]",
    timer = "expected a 3 second delay for the rearmed timer%. Got: 3%.[01]",
}

local SKIPPED = {
    connecttwice = "connects to hosts on the internet",
    httpredirect = "requests pages on the internet",
    no_luasocket = "is about life without LuaSocket",
}

local function judge(name, output, code)
    if FAILURES[name] then
        app.ok(code ~= 0, "it does not fail any more")
        return app.ok(output:match(FAILURES[name]), output)
    end
    if code ~= 0 and BUSY[name] and output:match(BUSY[name]) then
        app.skip("a busy machine: " .. output:match(BUSY[name]))
    end
    app.equal(code, 0, "exit code; output: " .. output:sub(-2000))
    app.ok(output:match((ENDINGS[name] or "%f[%a]succes[%a!]*") .. "\n$"), output:sub(-2000))
end

--- Runs a lane's tests in a coroutine that yields while it waits.
local function lane(socket, names, run_test)
    return coroutine.wrap(function()
        for _, name in ipairs(names) do
            local ended, process = run_test(name)
            local deadline = socket.gettime() + TEST_S_MAX
            local done, output, code
            repeat
                done, output, code = ended()
                if not done then coroutine.yield(true) end
            until done or socket.gettime() > deadline
            if not done then process:stop() end
            app.case(name, function()
                if not done then error("not ended after " .. TEST_S_MAX .. " s:\n" .. process:tail(), 0) end
                judge(name, output, code)
            end)
        end
        return false
    end)
end

--- A copy, because the tests make certificates beside themselves. Returns its folder.
local function copy(checkout)
    local openssl = app.program("openssl", "openssl")
    local folder = app.path("copas")
    app.execute({ "mkdir", folder })
    app.execute({ "cp", "-r", checkout .. "/src", checkout .. "/tests", folder })
    local script = 'cd "$1/tests/certs" && for name in rootA rootB serverA serverB clientA clientB; do '
        .. 'PATH="${2%/*}:$PATH" sh "./$name.sh" || exit 1; done'
    app.execute({ "sh", "-c", script, "sh", folder, openssl })
    return folder
end

app.run(function()
    local socket = require("socket")
    app.checkout("Tieske/timerwheel.lua", "src")
    app.checkout("Tieske/binaryheap.lua", "src")
    app.checkout("keplerproject/coxpcall", "src")
    app.module("ssl", "lua-sec")
    local folder = copy(app.checkout("lunarmodules/copas", "src"))
    if select(2, app.capture({ "sh", app.dir .. "/isolated.sh", "true" })) ~= 0 then
        app.skip("no network namespace for the fixed ports of Copas's tests")
    end

    local function program(script, ...)
        local command = 'cd "$1" && shift && exec "$@"'
        return {
            "sh", "-c", command, "sh", folder, "env", app.lua_path(), app.interpreter, "tests/" .. script .. ".lua", ...
        }
    end

    app.case("request, plain and over TLS", function()
        local certificates = folder .. "/tests/certs"
        local start_nginx = dofile(app.dir .. "/nginx.lua")
        local tls = ("ssl_certificate @/serverA.pem; ssl_certificate_key @/serverAkey.pem;"):gsub("@", certificates)
        for _, options in ipairs({ {}, { tls = tls } }) do
            local nginx = start_nginx(app, options)
            app.write(nginx.root .. "/page", ("page "):rep(100000))
            local output, code = app.complete("request", program("request", nginx.url .. "/page"), TEST_S_MAX)
            app.equal(code, 0, output)
            app.ok(output:match("200 OK, content: 500000 bytes.*\nFinished loop\n$"), output)
            nginx:stop()
        end
    end)

    local lanes, waiting = {}, true
    for i, names in ipairs(LANES) do
        lanes[i] = lane(socket, names, function(name)
            local words = { "sh", app.dir .. "/isolated.sh", (unpack or table.unpack)(program(name)) }
            return app.launch(name, words)
        end)
    end
    while waiting do
        waiting = false
        for i = 1, #LANES do
            if lanes[i] then
                if lanes[i]() then waiting = true else lanes[i] = nil end
            end
        end
        socket.sleep(0.02)
    end
    for name, reason in pairs(SKIPPED) do app.case(name, function() app.skip(reason) end) end
end, 150)
