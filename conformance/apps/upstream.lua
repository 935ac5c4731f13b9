--- LuaSocket's own test programs, from a checkout of lunarmodules/luasocket that is given as an argument; none of their
-- code is here. Best run through upstream.sh. The pair testsrvr/testclnt needs a socket.core with _DEBUG.
--
-- They report failures in words and end with exit code 0 all the same, so their words are judged as well. Then they,
-- and more that only print, have to say the same on the original (upstream_compare.lua): a second argument names a
-- folder with its socket/core.so, without which it is the system's. The pair for Unix sockets wants a debug build.

local app = dofile((arg[0]:match("^(.*)/[^/]*$") or ".") .. "/app.lua")

local PAIR_S_MAX, PROGRAM_S_MAX, RUN_S_MAX = 150, 20, 400
local DESCRIPTORS_MAX = 900

--- The single programs, each with the last line that it prints when all is well.
local programs = {
    { "excepttest.lua", "^OK$" },
    { "test_bind.lua", "^done!$" },
    { "test_getaddrinfo.lua", "^done!$" },
    { "test_socket_error.lua", "^Passed! Error is 'connection refused'%.$" },
    { "udp-zero-length-send", "^OK%s" },
    { "udp-zero-length-send-recv", "^ok$" },
}

local function is_file(path)
    local file = io.open(path)
    if file then file:close() end
    return file ~= nil
end

local function last_line(text)
    return text:match("([^\n]*)\n*$")
end

local function test_folder()
    local given = arg[1]
    if not given or given == "" then app.skip("no checkout of lunarmodules/luasocket given") end
    for _, folder in ipairs({ given .. "/test", given }) do
        if is_file(folder .. "/testclnt.lua") then return folder end
    end
    app.skip("no testclnt.lua in " .. given)
end

local function judge_client(output, code)
    for line in output:gmatch("[^\n]+") do
        if line:match("^WARNING:") then print("# testclnt " .. line) end
    end
    app.equal(output:match("[^\n]*ERROR:[^\n]*"), nil, "what testclnt says")
    app.equal(output:find("stack traceback", 1, true), nil, "position of a stack traceback")
    app.ok(output:match("\ntesting: done in [%d.]+s\n%-+\n$"), "the end is missing: " .. last_line(output))
    app.equal(code, 0, "exit code")
end

--- Words that run a program; or run it in a fiber.
local function words(setting, program, in_fiber)
    if not in_fiber then return { app.interpreter, "-e", setting, program } end
    local run = "local fibers = require('moonsocket') fibers.spawn(loadfile(arg[0])) assert(fibers.run())"
    return { app.interpreter, app.write(app.path("fiber.lua"), setting .. " arg[0] = arg[1] " .. run), program }
end

local function pair(socket, folder, in_fiber)
    if not is_file(folder .. "/testsrvr.lua") then app.skip("no testsrvr.lua in " .. folder) end
    if not socket._DEBUG then app.skip("this socket.core was not built with _DEBUG") end
    local limit = tonumber((app.execute({ "sh", "-c", "ulimit -n" }):gsub("%s", "")))
    if not limit or limit > DESCRIPTORS_MAX then
        app.skip("needs ulimit -n " .. DESCRIPTORS_MAX .. " (use upstream.sh)")
    end
    local port = app.free_port()
    local where = ("host = '127.0.0.1' port = '%d'"):format(port)
    local server = app.start("testsrvr.lua", words(where, folder .. "/testsrvr.lua", in_fiber), function()
        return app.answers("127.0.0.1", port)
    end)
    judge_client(app.complete("testclnt.lua", words(where, folder .. "/testclnt.lua", in_fiber), PAIR_S_MAX))
    -- The client's last command made the server exit.
    local deadline = socket.gettime() + 2
    while not server:has_ended() and socket.gettime() < deadline do socket.sleep(0.01) end
    app.equal(server:has_ended(), true, "the server's end")
    app.equal(app.read(server.log):find("stack traceback", 1, true), nil, "position of a stack traceback")
end

app.run(function()
    local socket = require("socket")
    local folder = test_folder()
    for _, program in ipairs(programs) do
        local name, expected = program[1], program[2]
        app.case(name, function()
            if not is_file(folder .. "/" .. name) then app.skip("not in this checkout") end
            local output, code = app.complete(name, { app.interpreter, folder .. "/" .. name }, PROGRAM_S_MAX)
            app.equal(code, 0, "exit code")
            app.ok(last_line(output):match(expected), last_line(output))
        end)
    end
    app.case("testclnt.lua with testsrvr.lua", function() pair(socket, folder) end)
    app.case("testclnt.lua with testsrvr.lua, in fibers", function()
        if not pcall(require, "moonsocket") then app.skip("no fibers in this library") end
        pair(socket, folder, true)
    end)
    dofile(app.dir .. "/upstream_compare.lua")(app, folder, arg[2])
end, RUN_S_MAX)
