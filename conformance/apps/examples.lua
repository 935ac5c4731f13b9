--- The examples of the project, below LuaSocket's own Lua half: they run each other and judge what they print.

local app = dofile((arg[0]:match("^(.*)/[^/]*$") or ".") .. "/app.lua")

app.run(function()
    app.case("every example ends well and says what it should", function()
        local output = app.execute({ app.interpreter, app.dir .. "/../../examples/lua/run_all.lua" })
        local passed, skipped = output:match("(%d+) passed, 0 failed, (%d+) skipped\n*$")
        app.equal((passed or 0) + (skipped or 0), 36, output)
    end)
end, 60)
