--- MobDebug, unmodified, from a checkout: this process is the debugger, a second one the program that is debugged. Both
-- ends are MobDebug's own code, on the library under test; lengths reach receive() as strings here.

local app = dofile((arg[0]:match("^(.*)/[^/]*$") or ".") .. "/app.lua")

local WAIT_S_MAX = 10

local DEBUGGEE = [[
require("mobdebug").start("127.0.0.1", %d)
local total = 0
for i = 1, 3 do
    total = total + i
    print("i is " .. i)
end
local function double(n)
    local result = n * 2
    return result
end
print("total " .. double(total))
local big = ("x"):rep(100000)
print("end " .. #big)
]]

local function line_of(text)
    local line = 0
    for content in DEBUGGEE:gmatch("([^\n]*)\n") do
        line = line + 1
        if content:find(text, 1, true) then return line end
    end
end

--- Starts the program; returns it and the debugger's end of the connection, with the program paused in its third line.
local function begin(socket)
    local server = assert(socket.bind("127.0.0.1", 0))
    server:settimeout(WAIT_S_MAX)
    local script = app.write(app.path("debuggee.lua"), DEBUGGEE:format(select(2, server:getsockname())))
    local words = { "env", app.lua_path(), app.interpreter, script }
    local program = app.start("debuggee", words, function() return true end)
    local client = app.ok(server:accept())
    client:settimeout(WAIT_S_MAX)
    server:close()
    app.uses_core(program)
    app.ok(client:send("STEP\n"))
    app.equal(app.ok(client:receive("*l")), "200 OK")
    local answer = app.ok(client:receive("*l"))
    app.ok(answer:match("^202 Paused .*debuggee%.lua " .. line_of("for i") .. "$"), answer)
    return program, client
end

app.run(function()
    local socket = require("socket")
    app.checkout("pkulchenko/MobDebug", "src")
    local mobdebug = require("mobdebug")

    --- One command of the debugger; returns the results and what it printed.
    local function command(client, text)
        local said = {}
        local function verbose(...) said[#said + 1] = table.concat({ ... }, " ") end
        local file, line, problem = mobdebug.handle(text, client, { verbose = verbose })
        return file, tonumber(line) or line, problem, table.concat(said, "\n")
    end

    local function paused(client, text, at)
        local file, line, problem = command(client, text)
        app.ok(file, problem)
        app.ok(file:match("debuggee%.lua$"), file)
        app.equal(line, line_of(at), "line after " .. text)
    end

    local function value(client, expression)
        local result, _, problem = command(client, "eval " .. expression)
        return app.ok(result, problem)
    end

    local function finish(socket_, program, client)
        local file, _, problem = command(client, "run")
        app.equal(file, nil)
        app.equal(problem, false, "the end of the program")
        client:close()
        local deadline = socket_.gettime() + WAIT_S_MAX
        while not program:has_ended() and socket_.gettime() < deadline do socket_.sleep(0.01) end
        app.equal(program:said(), "i is 1\ni is 2\ni is 3\ntotal 12\nend 100000\n")
    end

    app.case("a breakpoint in a loop, variables, removal", function()
        local program, client = begin(socket)
        command(client, "setb " .. app.path("debuggee.lua") .. " " .. line_of("print(\"i is"))
        for i, total in ipairs({ 1, 3 }) do
            paused(client, "run", "print(\"i is")
            app.equal(value(client, "i"), tostring(i))
            app.equal(value(client, "total"), tostring(total))
        end
        command(client, "delb " .. app.path("debuggee.lua") .. " " .. line_of("print(\"i is"))
        finish(socket, program, client)
    end)

    app.case("step, over, out, and a change of a variable", function()
        local program, client = begin(socket)
        command(client, "setb " .. app.path("debuggee.lua") .. " " .. line_of("print(\"total"))
        paused(client, "run", "print(\"total")
        paused(client, "step", "local result")
        app.equal(value(client, "n"), "6")
        paused(client, "over", "return result")
        app.equal(value(client, "result"), "12")
        -- LuaJIT reports the line of the call once more.
        if jit then paused(client, "out", "print(\"total") end
        paused(client, jit and "over" or "out", "local big")
        paused(client, "over", "print(\"end")
        app.equal(#value(client, "big"), 100002) -- with its quotes
        command(client, "exec big = big .. big")
        app.equal(value(client, "#big"), "200000")
        command(client, "exec big = big:sub(1, 100000)")
        finish(socket, program, client)
    end)

    app.case("a watch expression and a running program's breakpoint", function()
        local program, client = begin(socket)
        command(client, "setw total == 3")
        local file = command(client, "run")
        app.ok(file, "the watch did not stop the program")
        app.equal(value(client, "i"), "2")
        command(client, "delw 1")
        local stack = select(4, command(client, "stack"))
        app.ok(stack:find("debuggee.lua", 1, true), stack)
        finish(socket, program, client)
    end)

    app.case("an error in the program", function()
        local program, client = begin(socket)
        command(client, "setb " .. app.path("debuggee.lua") .. " " .. line_of("local big"))
        paused(client, "run", "local big")
        local result, _, problem = command(client, "eval nothing.at.all")
        app.equal(result, nil)
        app.ok(tostring(problem):match("index"), tostring(problem))
        finish(socket, program, client)
    end)

    app.case("nobody listens", function()
        local words = { "env", app.lua_path(), app.interpreter, "-e",
            "print(require('mobdebug').start('127.0.0.1', " .. app.free_port() .. "))" }
        local output = app.complete("debuggee", words, WAIT_S_MAX)
        app.ok(output:match("^Could not connect to [%d.:]+: connection refused\n"), output)
    end)
end)
