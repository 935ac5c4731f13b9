--- The part of upstream.lua that runs LuaSocket's test programs twice, on the library under test and on the original,
-- and compares what they say. The original is a folder with its socket/core.so, or else the system's.

local unpack = unpack or table.unpack

local PROGRAM_S_MAX, PAIR_S_MAX = 20, 150
local SIDES = { "ours", "original" }

--- Programs that end by themselves. Some judge themselves in words, and with exit code 0 all the same.
local PROGRAMS = {
    "excepttest.lua", "ltn12test.lua", "mimetest.lua", "stufftest.lua", "tcp-getoptions", "test_bind.lua",
    "test_getaddrinfo.lua", "test_socket_error.lua", "udp-zero-length-send", "udp-zero-length-send-recv", "urltest.lua",
}

local SKIPPED = {
    ["dicttest.lua"] = "tests a module that LuaSocket no longer installs",
    ["ftptest.lua"] = "wants accounts on an FTP server; see ftp",
    ["httptest.lua"] = "wants an Apache with its scripts; see http",
    ["smtptest.lua"] = "wants mail accounts; see smtp",
    ["testmesg.lua"] = "sends mail to its author; see smtp",
    ["tftptest.lua"] = "tests a module that LuaSocket no longer installs",
}

--- The fixed paths of the programs for Unix sockets.
local UNIX_PATHS = { "/tmp/foo", "/tmp/bar" }

local LINE_BUFFERED = "io.stdout:setvbuf('line')"

--- utestclnt was written for an older LuaSocket: it stops, on the original as well, for want of two names that Unix
-- sockets do not have any more, of a descriptor in a fresh UDP object, and of Lua 5.0's math.mod.
local UTEST_PRELUDE = [[
io.stdout:setvbuf('no') socket = require('socket') math.mod = math.mod or math.fmod socket.udp = socket.udp4
local methods = getmetatable(require('socket.unix').stream()).__index
methods.setpeername, methods.setsockname = methods.connect, methods.bind
host = '%s']]

--- What may differ: addresses of objects, the forms of whole numbers, ports that the system chose, times (a debug
-- build's fourth results among them).
local function normal(text)
    text = text:gsub("0x%x+", "0x"):gsub("%f[%d](%d+)%.0%f[^%d]", "%1"):gsub("in [%d.]+s", "in N s")
    text = text:gsub("(\tnil\tnil)\t[%d.e-]+\n", "%1\n")
    return (text:gsub("%f[%d]%d%d%d%d%d%f[^%d]", function(number)
        if tonumber(number) >= 32768 then return "PORT" end
    end))
end

-- The two sides -------------------------------------------------------------------------------------------------------

local Stage = {}
Stage.__index = Stage

local function new_stage(app, folder, original)
    local stage = setmetatable({ app = app, socket = require("socket"), original = original }, Stage)
    stage.environment = {
        ours = { "env" },
        original = { "env", "-u", "LUA_PATH", original and "LUA_CPATH=" .. original .. "/?.so;;" or "-uLUA_CPATH" },
    }
    stage.work = app.path("test") -- a copy, because some programs write files where they stand
    app.execute({ "cp", "-r", folder, stage.work })
    return stage
end

function Stage:exists(name)
    return select(2, self.app.capture({ "test", "-e", name })) == 0
end

--- The command line that runs a program on one side.
function Stage:program(side, script, ...)
    local words = { "sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", self.work }
    for _, word in ipairs(self.environment[side]) do words[#words + 1] = word end
    words[#words + 1] = self.app.interpreter
    for _, word in ipairs({ "-e", LINE_BUFFERED, script, ... }) do words[#words + 1] = word end
    return words
end

--- One case: `run(side)` gives what the program says, on both sides the same.
function Stage:compare(name, script, run)
    local app = self.app
    app.case(name .. ", as the original", function()
        if not self:exists(self.work .. "/" .. script) then app.skip("not in this checkout") end
        local said = {}
        for _, side in ipairs(SIDES) do said[side] = normal(run(side)) end
        app.ok(#said.original > 0, "it says nothing")
        local lines = said.original:gmatch("[^\n]*")
        for line in said.ours:gmatch("[^\n]*") do app.equal(line, lines(), "what it says") end
        app.equal(said.ours, said.original, "what it says")
    end)
end

--- A server and its client: `ready(server)` gives the client's arguments; what both say.
function Stage:pair(side, server_script, client_script, ready, input)
    local app, arguments = self.app, nil
    local server = app.start(server_script, self:program(side, server_script), function(process)
        arguments = ready(process)
        return arguments
    end)
    local client = self:program(side, client_script, unpack(arguments))
    local words = { "sh", "-c", 'text=$1; shift; printf "$text" | "$@"', "sh", input, unpack(client) }
    local output = app.complete(client_script, words, PROGRAM_S_MAX)
    local deadline = self.socket.gettime() + 0.5
    while not server:has_ended() and self.socket.gettime() < deadline do self.socket.sleep(0.02) end
    server:stop()
    return server:said() .. output
end

-- The cases -----------------------------------------------------------------------------------------------------------

local function single_programs(stage)
    for _, name in ipairs(PROGRAMS) do
        stage:compare(name, name, function(side)
            local output, code = stage.app.complete(name, stage:program(side, name), PROGRAM_S_MAX)
            return output .. "exit code " .. code
        end)
    end
end

local function udp_pair(stage)
    stage:compare("udpconnectsrvr.lua with udpconnectclnt.lua", "udpconnectsrvr.lua", function(side)
        return stage:pair(side, "udpconnectsrvr.lua", "udpconnectclnt.lua", function(server)
            local port = server:said():match("getsockname%s+127%.0%.0%.1%s+(%d+)")
            return port and { port }
        end, "")
    end)
end

local function unix_pairs(stage)
    local app = stage.app
    for _, kind in ipairs({ "unixdgram", "unixstream" }) do
        stage:compare(kind .. "srvr.lua with " .. kind .. "clnt.lua", kind .. "srvr.lua", function(side)
            for _, name in ipairs(UNIX_PATHS) do
                if stage:exists(name) then app.skip("there is a " .. name) end
            end
            local ok, said = pcall(stage.pair, stage, side, kind .. "srvr.lua", kind .. "clnt.lua", function()
                return stage:exists(UNIX_PATHS[1]) and {}
            end, "one\\ntwo\\nthree\\n")
            for _, name in ipairs(UNIX_PATHS) do os.remove(name) end
            return ok and said or error(said, 0)
        end)
    end
end

--- Starts the pair for Unix sockets on one side; returns the function that asks for its end.
local function start_utest(stage, side)
    local name = stage.app.path("utest." .. side)
    stage.app.start("utestsrvr.lua", stage:program(side, "-e", "host='" .. name .. "'", "utestsrvr.lua"), function()
        return stage:exists(name)
    end)
    return (stage.app.launch("utestclnt.lua", stage:program(side, "-e", UTEST_PRELUDE:format(name), "utest.lua")))
end

--- Both sides at once, because they mostly sleep. The last group of transfers hangs with the original and is left out.
local function utest(stage)
    local app, socket = stage.app, stage.socket
    app.case("utestclnt.lua with utestsrvr.lua, as the original", function()
        if not socket._DEBUG then app.skip("this socket.core was not built with _DEBUG") end
        local compared = stage.original and SIDES or { "ours" } -- the system's is no debug build
        local source = app.read(stage.work .. "/utestclnt.lua"):gsub("\ntest_nonblocking%b()", "\n")
        app.write(stage.work .. "/utest.lua", source)
        local ended, said, left = {}, {}, #compared
        for _, side in ipairs(compared) do ended[side] = start_utest(stage, side) end
        local deadline = socket.gettime() + PAIR_S_MAX
        while left > 0 do
            for _, side in ipairs(compared) do
                local done, output
                if not said[side] then done, output = ended[side]() end
                if done then said[side], left = output:gsub("%d+", "N"), left - 1 end
            end
            if socket.gettime() > deadline then error("not ended after " .. PAIR_S_MAX .. " s") end
            socket.sleep(0.05)
        end
        app.ok(said.ours:match("\ntesting: done in N.Ns\n%-+\n$"), said.ours:sub(-1000))
        app.equal(said.ours:match("[^\n]*ERROR:[^\n]*"), nil, "what it says")
        app.equal(said.ours, said.original or said.ours, "what it says")
    end)
end

local function connections(stage)
    local app, socket = stage.app, stage.socket
    local server = [[
        local server = require("socket").bind("127.0.0.1", 80)
        while server do
            local client = server:accept()
            if client then client:close() end
        end]]
    stage:compare("find-connect-limit", "find-connect-limit", function(side)
        if app.execute({ "sh", "-c", "ulimit -n" }):gsub("%s", "") ~= "900" then app.skip("use upstream.sh") end
        local ended, process = app.launch("server", { app.interpreter, "-e", server })
        local deadline = socket.gettime() + 2
        while not app.answers("127.0.0.1", 80) do
            if ended() or socket.gettime() > deadline then app.skip("cannot listen on port 80") end
            socket.sleep(0.02)
        end
        local words = stage:program(side, "find-connect-limit", "127.0.0.1")
        local output, code = app.complete("find-connect-limit", words, PROGRAM_S_MAX)
        process:stop()
        local count = 0
        for number in output:gmatch("connection #\t(%d+)") do count = tonumber(number) end
        app.ok(count > 880 and count < 900, count .. " connections: " .. output:sub(-500))
        return output:match("find%-connect%-limit:%d+: [^\n]*") .. ", exit code " .. code
    end)
end

return function(app, folder, original)
    local stage = new_stage(app, folder, original)
    single_programs(stage)
    udp_pair(stage)
    unix_pairs(stage)
    utest(stage)
    connections(stage)
    for name, reason in pairs(SKIPPED) do app.case(name, function() app.skip(reason) end) end
end
