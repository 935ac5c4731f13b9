-- Every block of Lua in the manual and the README runs in an interpreter of its own, and prints what the block below it
-- says. A block that is marked `no-run` with a reason is skipped.
--
-- They are many: they run where they are the same for everybody, in the standalone interpreter, and as a module in the
-- oldest Lua.

local t, s = ...

local alone = package.preload["socket.core"] ~= nil
local wanted = alone and t.lua == "5.4" or t.lua == "5.1"

local function run(block)
  local path, out = t.scratch(block.code), t.scratch()
  local code = t.shell("timeout 20 " .. t.quote(t.interpreter()) .. " " .. t.quote(path) .. " >" .. t.quote(out)
    .. " 2>&1 </dev/null; echo $?")
  return tonumber(code), (s.read(out):gsub("\n$", ""))
end

local pages = { "README.md" }
for _, pattern in ipairs { "docs/*.md", "docs/src/*.md", "docs/src/*/*.md" } do
  for _, name in ipairs(s.files(pattern)) do pages[#pages + 1] = name end
end

if wanted then
  for _, page in ipairs(pages) do
    for _, block in ipairs(s.blocks(s.read(s.top .. "/" .. page))) do
      t.case(page .. ":" .. block.line .. " runs", function()
        local word, reason = block.mark:match("^(%S*)%s*(.-)$")
        if word == "no-run" and reason ~= "" then t.skip(reason) end
        if block.code:find("::1", 1, true) then t.needs_v6() end
        t.equal(block.mark, "", "the mark of the block")
        local code, output = run(block)
        if code ~= 0 then t.fail("exit code " .. tostring(code) .. ":\n" .. output) end
        if block.output then t.equal(output, block.output, "output") end
        if not block.output and output:find("stack traceback", 1, true) then t.fail(output) end
      end)
    end
  end
else
  t.case("blocks run elsewhere", function()
    t.skip("in the standalone interpreter for 5.4 and in Lua 5.1")
  end)
end

t.case("blocks are found, with their marks and outputs", function()
  local text = "a\n```lua\nprint(1)\n```\nprints\n```output\n1\n```\n```sh\n```\n```lua no-run why not\nx\n```\n"
  local blocks = s.blocks(text)
  t.equal(#blocks, 2)
  t.equal(blocks[1].line, 2)
  t.equal(blocks[1].code, "print(1)")
  t.equal(blocks[1].output, "1")
  t.equal(blocks[2].mark, "no-run why not")
  t.equal(blocks[2].output, nil)
end)
