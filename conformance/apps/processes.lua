--- The part of app.lua that keeps background processes: servers, and programs that must not outlive the test.
-- Each hangs on a pipe from the test (keeper.sh). Returns function(app), which adds its functions to `app`.

local READY_S_MAX, TAIL_LINES = 10, 15

local processes = {}
local Process = {}
Process.__index = Process

--- Ends the process and waits for it. Harmless when repeated.
function Process:stop()
    if self.pipe then
        self.pipe:close() -- the keeper reads the end of its input, ends the process and waits for it
        self.pipe = nil
    end
end

--- Has it ended by itself? Learns the process id on the way.
function Process:has_ended()
    local pid_file = io.open(self.pid_file)
    if not pid_file then return false end
    self.pid = tonumber(pid_file:read("*l"))
    pid_file:close()
    local stat = io.open("/proc/" .. self.pid .. "/stat")
    if not stat then return false end
    local state = (stat:read("*l") or ""):match("^.*%) (%a)")
    stat:close()
    return state == "Z"
end

--- What it wrote so far.
function Process:said()
    local file = io.open(self.log)
    if not file then return "" end -- just begun
    local text = file:read("*a")
    file:close()
    return text
end

--- The last lines that it wrote.
function Process:tail()
    local file = io.open(self.log)
    if not file then return "(no log)" end
    local lines = {}
    for line in file:lines() do lines[#lines + 1] = "    | " .. line end
    file:close()
    return table.concat(lines, "\n", math.max(1, #lines - TAIL_LINES + 1))
end

return function(app)
    local socket = require("socket")

    local function spawn(name, words)
        local base = app.path("process-" .. (#processes + 1))
        local process = setmetatable({ name = name, pid_file = base .. ".pid", log = base .. ".log" }, Process)
        local keeper = { "sh", app.dir .. "/keeper.sh", process.pid_file, process.log }
        local command = "exec " .. app.command_line(keeper) .. " " .. app.command_line(words)
        process.pipe = assert(io.popen(command, "w"))
        processes[#processes + 1] = process
        return process
    end

    --- Starts `words` in the background and returns once `ready()` is true. The process ends with `process:stop()` or
    -- with the test, at the latest. `process.pid` is its process id, `process.log` the file with what it says.
    function app.start(name, words, ready)
        local process = spawn(name, words)
        local deadline = socket.gettime() + READY_S_MAX
        repeat
            local ended = process:has_ended()
            if process.pid and not ended and ready(process) then return process end
            if ended then break end
            socket.sleep(0.005)
        until socket.gettime() > deadline
        error(name .. " did not get ready:\n" .. process:tail(), 2)
    end

    --- Runs `words` in the background; returns a function that says whether it has ended, and then with what output
    -- (both streams) and exit code. Unlike app.capture's, this process ends with the test.
    function app.launch(name, words)
        local code_file = app.path("process-" .. (#processes + 1) .. ".code")
        local script = 'file=$1; shift; "$@"; echo $? >"$file.new"; mv "$file.new" "$file"'
        local process = spawn(name, { "sh", "-c", script, "sh", code_file, (unpack or table.unpack)(words) })
        return function()
            local file = io.open(code_file)
            if not file then return false end
            local code = file:read("*n")
            file:close()
            process:stop()
            return true, app.read(process.log), code
        end, process
    end

    --- Runs `words` to the end, but no longer than `limit_s`; returns its output and exit code.
    function app.complete(name, words, limit_s)
        local ended, process = app.launch(name, words)
        local deadline = socket.gettime() + limit_s
        repeat
            local done, output, code = ended()
            if done then return output, code end
            socket.sleep(0.02)
        until socket.gettime() > deadline
        process:stop()
        error(name .. " did not end within " .. limit_s .. " s:\n" .. process:tail(), 2)
    end

    --- Starts servers/SCRIPT with this very interpreter. It announces the port it listens on: `process.port`, a number.
    function app.serve(script, ...)
        local announcement = app.path(script .. "." .. (#processes + 1) .. ".port")
        local words = { app.interpreter, app.dir .. "/servers/" .. script, announcement, ... }
        return app.start(script, words, function(process)
            local file = io.open(announcement)
            if not file then return false end
            process.port = tonumber(file:read("*a"))
            file:close()
            return process.port ~= nil
        end)
    end

    --- Ends all processes, the youngest first; prints what they said if asked to.
    function app.stop_all(with_logs)
        for i = #processes, 1, -1 do
            if with_logs then print("# log of " .. processes[i].name .. "\n" .. processes[i]:tail()) end
            processes[i]:stop()
        end
    end

    --- A TCP port on loopback that was free a moment ago; as a number. It lies below those that the system hands out by
    -- itself, so that nobody who just wants some port gets it in the meantime.
    function app.free_port()
        math.randomseed(math.floor(socket.gettime() * 1e6) % 2 ^ 31)
        for _ = 1, 100 do
            local server = socket.bind("127.0.0.1", math.random(10000, 32000))
            if server then
                local _, port = server:getsockname()
                server:close()
                return tonumber(port)
            end
        end
        error("no free port", 2)
    end

    --- Is there someone listening?
    function app.answers(host, port)
        local client = socket.tcp()
        client:settimeout(1)
        local connected = client:connect(host, port)
        client:close()
        return connected == 1
    end
end
