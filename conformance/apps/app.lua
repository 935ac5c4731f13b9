--- What the application tests share: cases and their counts, background processes, free ports, a temporary directory.
-- It is not a test framework: the dialects' suites have their own, this one exists for scripts that need servers.
--
-- The library under test is the first socket.core that LUA_CPATH leads to. MOONSOCKET_APPS_CORE=DIRECTORY makes a run
-- with a socket.core from elsewhere fail; MOONSOCKET_APPS_LIMIT_S replaces the limit on the run's time. Programs that
-- no package holds are looked for in MOONSOCKET_APPS_CHECKOUTS, a folder of checkouts named as their repositories.
--
-- A script does:  local app = dofile(DIR .. "/app.lua");  app.run(function() app.case("name", function() ... end) end)

local app = { passed = 0, failed = 0, skipped = 0 }

local Skip = {}
local LIMIT_S = 100
local janitor, temp_dir
local borrowed = ""

app.dir = arg[0]:match("^(.*)/[^/]*$") or "."

do -- The interpreter's path is the lowest negative index of `arg`.
    local lowest = 0
    while arg[lowest - 1] do lowest = lowest - 1 end
    app.interpreter = arg[lowest]
end

-- "./?.lua" goes: with this folder as current directory, require("redis") would find the test instead of the program.
for _, key in ipairs({ "path", "cpath" }) do
    package[key] = (";" .. package[key] .. ";"):gsub(";%./%?[^;]*", ""):gsub("^;+", ""):gsub(";+$", "")
end

-- Results and comparisons ---------------------------------------------------------------------------------------------

local function brief(value)
    if type(value) ~= "string" then return tostring(value) end
    if #value > 120 then value = value:sub(1, 80) .. "...(" .. #value .. " bytes)" end
    return string.format("%q", value)
end

--- Fails the running case unless `got` is exactly `want`.
function app.equal(got, want, what)
    if got ~= want then
        error((what or "value") .. ": expected " .. brief(want) .. ", got " .. brief(got), 2)
    end
end

--- Fails the running case unless `value` is truthy; returns all its arguments. Shows LuaSocket's error words.
function app.ok(value, message, ...)
    if not value then error("got " .. brief(value) .. ", " .. brief(message), 2) end
    return value, message, ...
end

--- Ends the running case (or the whole script, outside a case) as skipped.
function app.skip(reason)
    error(setmetatable({ reason = reason }, Skip), 0)
end

local function report(name, ok, problem)
    if ok then
        app.passed = app.passed + 1
        print("ok      " .. name)
    elseif getmetatable(problem) == Skip then
        app.skipped = app.skipped + 1
        print("skipped " .. name .. ": " .. problem.reason)
    else
        app.failed = app.failed + 1
        print("FAILED  " .. name .. ": " .. tostring(problem))
    end
    io.stdout:flush()
end

local function trace(problem)
    if getmetatable(problem) == Skip then return problem end
    return debug.traceback(type(problem) == "table" and brief(problem[1]) or tostring(problem), 2)
end

--- Runs one case.
function app.case(name, body)
    report(name, xpcall(body, trace))
end

-- The shell -----------------------------------------------------------------------------------------------------------

local function quote(word)
    return "'" .. tostring(word):gsub("'", "'\\''") .. "'"
end

--- A command for sh.
function app.command_line(words)
    local quoted = {}
    for i, word in ipairs(words) do quoted[i] = quote(word) end
    return table.concat(quoted, " ")
end

--- Runs `words` to the end; returns what it wrote (both streams) and its exit code.
function app.capture(words)
    local pipe = assert(io.popen("{ " .. app.command_line(words) .. "; } 2>&1 </dev/null; printf '\\n%d' $?"))
    local text = pipe:read("*a")
    pipe:close()
    local output, code = text:match("^(.*)\n(%d+)$")
    return output, tonumber(code)
end

--- Runs `words` and returns its output; anything but exit code 0 is an error.
function app.execute(words)
    local output, code = app.capture(words)
    if code ~= 0 then error(words[1] .. " ended with code " .. tostring(code) .. ": " .. tostring(output), 2) end
    return output
end

--- The path of a program, also from the sbin directories, which users' paths often lack; skips where there is none.
function app.program(name, package_name)
    local path, code = app.capture({ "sh", "-c", 'PATH="$PATH:/usr/sbin:/sbin"; command -v "$1"', "sh", name })
    if code ~= 0 then app.skip("no program " .. name .. " (package " .. package_name .. ")") end
    return (path:gsub("%s+$", ""))
end

--- The first file that the templates of a package.path lead to; Lua 5.1 has no package.searchpath.
local function search(name, templates)
    local file = name:gsub("%.", "/")
    for template in templates:gmatch("[^;]+") do
        local path = template:gsub("%?", file)
        local handle = io.open(path)
        if handle then handle:close() return path end
    end
end

--- Debian installs some pure-Lua packages for some Lua versions only. Their files run on the others too, so they are
-- borrowed from there, visibly, rather than skipped.
local function borrow(name)
    for _, version in ipairs({ "5.3", "5.2", "5.1" }) do
        local path = search(name, (package.path:gsub("/5%.%d/", "/" .. version .. "/")))
        if path then
            print("# module " .. name .. " borrowed from " .. path)
            package.preload[name] = assert(loadfile(path))
            borrowed = borrowed .. ";" .. path:match("^(.*/lua/%d%.%d/)") .. "?.lua"
            return true
        end
    end
end

--- A Lua module; skips where there is none. An error *inside* a module that is there is a failure.
function app.module(name, package_name)
    local installed = package.loaded[name] or package.preload[name] or search(name, package.path)
        or search(name, package.cpath)
    if not (installed or borrow(name)) then
        app.skip("no module " .. name .. " for " .. _VERSION .. " (package " .. package_name .. ")")
    end
    return require(name)
end

--- A C module that comes with the socket.core under test; skips where there is none there. Without this, a search path
-- that goes on to the system's folders would quietly test the system's module.
function app.beside_core(name, package_name)
    local core, at = search("socket.core", package.cpath), search(name, package.cpath)
    if not at or at:match("^(.*)/") ~= core:match("^(.*)/") then
        app.skip("no " .. name .. " beside " .. core .. " (package " .. package_name .. ")")
    end
    return require(name)
end

--- The folder of a checkout of `repository` (owner/name); skips where there is none. Modules are found in its
-- `subfolder`, if one is named.
function app.checkout(repository, subfolder)
    local given = os.getenv("MOONSOCKET_APPS_CHECKOUTS")
    if not given or given == "" then app.skip("MOONSOCKET_APPS_CHECKOUTS names no folder with " .. repository) end
    local folder = given .. "/" .. repository:match("[^/]*$")
    local _, code = app.capture({ "test", "-d", folder })
    if code ~= 0 then app.skip("no checkout of " .. repository .. " in " .. given) end
    if subfolder then
        local found = folder .. "/" .. subfolder
        package.path = found .. "/?.lua;" .. found .. "/?/init.lua;" .. package.path
    end
    return folder
end

--- For the command `env`: has another process of this interpreter find the Lua modules that this one finds.
function app.lua_path()
    return "LUA_PATH=" .. package.path .. borrowed
end

--- Fails unless a background process of the same Lua has the socket.core under test mapped.
function app.uses_core(process)
    local core = search("socket.core", package.cpath)
    local mapped = app.execute({ "sh", "-c", 'cat "/proc/$1/maps"', "sh", process.pid })
    local real = app.execute({ "readlink", "-f", core }):gsub("%s+$", "")
    if not mapped:find(real, 1, true) then error(process.name .. " does not use " .. real, 2) end
end

-- Files ---------------------------------------------------------------------------------------------------------------

--- The path of `name` in this run's temporary directory, which is removed at the end, whatever happens.
function app.path(name)
    return temp_dir .. "/" .. name
end

function app.read(path)
    local file = assert(io.open(path, "rb"))
    local data = file:read("*a")
    file:close()
    return data
end

function app.write(path, data)
    local file = assert(io.open(path, "wb"))
    assert(file:write(data))
    assert(file:close())
    return path
end

--- The SHA-256 of a file, in hexadecimal.
function app.sha256(path)
    return assert(app.execute({ "sha256sum", path }):match("^(%x+)%s"))
end

--- A file of `size` random bytes.
function app.random_file(name, size)
    app.execute({ "sh", "-c", 'head -c "$1" /dev/urandom >"$2"', "sh", size, app.path(name) })
    return app.path(name)
end

-- The run -------------------------------------------------------------------------------------------------------------

--- With MOONSOCKET_APPS_CORE=DIRECTORY, a run that would use another library's socket.core is a failure.
local function check_core()
    local at, wanted = search("socket.core", package.cpath) or "?", os.getenv("MOONSOCKET_APPS_CORE")
    if wanted and wanted ~= "" and at:sub(1, #wanted + 1) ~= wanted .. "/" then
        error("socket.core comes from " .. at .. ", not from " .. wanted, 0)
    end
    local version = jit and jit.version or _VERSION
    print("# " .. version .. ", " .. tostring(require("socket")._VERSION) .. ", socket.core from " .. at)
end

local function clean_up()
    if app.stop_all then app.stop_all(app.failed > 0) end
    if janitor then janitor:close() end
end

--- Runs a script's body, cleans up, prints the closing line and exits. A run of more than `limit_s` seconds is ended
-- from outside, as are its background processes: see janitor.sh.
function app.run(body, limit_s)
    local limit = os.getenv("MOONSOCKET_APPS_LIMIT_S") or limit_s or LIMIT_S
    local ok, problem = xpcall(function()
        check_core()
        dofile(app.dir .. "/processes.lua")(app)
        temp_dir = app.execute({ "sh", "-c", 'mktemp -d "${TMPDIR:-/tmp}/apps.XXXXXX"' }):gsub("%s+$", "")
        local words = { "sh", app.dir .. "/janitor.sh", limit, temp_dir }
        janitor = assert(io.popen("exec " .. app.command_line(words), "w"))
        body()
    end, trace)
    if not ok then report("(the script)", false, problem) end
    local cleaned, reason = pcall(clean_up)
    if not cleaned then report("(clean-up)", false, reason) end
    if app.passed + app.failed + app.skipped == 0 then report("(the script)", false, "it has no cases") end
    print(string.format("%d passed, %d failed, %d skipped", app.passed, app.failed, app.skipped))
    io.stdout:flush()
    os.exit(app.failed == 0 and 0 or 1)
end

return app
