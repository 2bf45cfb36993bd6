using System.Text;
using CudnnResNet.VirtualGpu.Tests.Ptx.Support;

namespace CudnnResNet.VirtualGpu.Tests.Ptx;

/// <summary>Random structured programs give the same as one thread after the other, in whatever order their blocks lie in the text.</summary>
[TestClass]
public sealed class RandomProgramTests
{
    private const int Variables = 4, Threads = 64;

    [TestMethod]
    public void Divergent_programs_give_what_a_scalar_evaluation_gives()
    {
        for (int seed = 0; seed < 150; seed++)
        {
            var program = new Program(seed);
            ulong[] actual = TestKernel.Run(program.Text, Threads, block: Threads);
            for (int thread = 0; thread < Threads; thread++) Assert.AreEqual(program.Evaluate(thread), actual[thread], $"seed {seed}, thread {thread}\n{program.Text}");
        }
    }

    /// <summary>A program of assignments, branches and loops on four variables, as basic blocks in a random order and as what they mean.</summary>
    private sealed class Program
    {
        private readonly Random random;
        private readonly List<StringBuilder> blocks = [new()];
        private readonly Action<uint[]> meaning;
        private int current, loops;

        public Program(int seed)
        {
            random = new(seed);
            meaning = Sequence(depth: 0);
            Line("mov.b64 %d5, {%r1, %r2};\nxor.b32 %r3, %r3, %r4;\ncvt.u64.u32 %d6, %r3;\nadd.u64 %d5, %d5, %d6;\nst.global.u64 [%d0], %d5;\nbra end;");

            // The first stays first, and all end with a branch, so that the rest may lie anywhere.
            int[] order = [.. Enumerable.Range(1, blocks.Count - 1)];
            if (seed % 3 != 0) random.Shuffle(order);
            string counters = loops > 0 ? $".reg .b32 c<{loops}>;\n" : "";
            Text = $"{counters}mov.u32 %r1, %r0;\nmov.u32 %r2, 1;\nmov.u32 %r3, 2;\nmov.u32 %r4, 3;\n{blocks[0]}{string.Concat(order.Select(i => $"b{i}:\n{blocks[i]}"))}end:\n";
        }

        public string Text { get; }

        public ulong Evaluate(int thread)
        {
            uint[] v = [(uint)thread, 1, 2, 3];
            meaning(v);
            return (v[0] | (ulong)v[1] << 32) + (v[2] ^ v[3]);
        }

        private Action<uint[]> Sequence(int depth)
        {
            var steps = new List<Action<uint[]>>();
            int count = random.Next(1, 5);
            for (int i = 0; i < count; i++)
            {
                steps.Add(random.Next(depth > 3 ? 1 : 4) switch { 0 => Assign(), 1 => Assign(), 2 => Branch(depth), _ => Loop(depth) });
                // All threads come together at the top: each barrier of the text is one for all.
                if (depth == 0 && random.Next(3) == 0) Line("bar.sync 0;");
            }
            return v => steps.ForEach(step => step(v));
        }

        private Action<uint[]> Assign()
        {
            int d = random.Next(Variables), a = random.Next(Variables), b = random.Next(Variables), kind = random.Next(4);
            string name = new[] { "add.u32", "xor.b32", "mul.lo.u32", "sub.u32" }[kind];
            Line($"{name} %r{d + 1}, %r{a + 1}, %r{b + 1};");
            return v => v[d] = kind switch { 0 => v[a] + v[b], 1 => v[a] ^ v[b], 2 => v[a] * v[b], _ => v[a] - v[b] };
        }

        private Action<uint[]> Branch(int depth)
        {
            int a = random.Next(Variables), bit = 1 << random.Next(4), then = New(), otherwise = New(), after = New();
            Line($"and.b32 %r20, %r{a + 1}, {bit};\nsetp.ne.u32 %p1, %r20, 0;\n@%p1 bra b{then};\nbra b{otherwise};");
            current = then;
            var first = Sequence(depth + 1);
            Line($"bra b{after};");
            current = otherwise;
            var second = random.Next(3) == 0 ? _ => { } : Sequence(depth + 1);
            Line($"bra b{after};");
            current = after;
            return v => (((v[a] & bit) != 0) ? first : second)(v);
        }

        // As often as the lowest bits of a variable say, a counter of its own for each loop.
        private Action<uint[]> Loop(int depth)
        {
            int a = random.Next(Variables), head = New(), body = New(), after = New(), counter = loops++;
            Line($"and.b32 c{counter}, %r{a + 1}, 3;\nbra b{head};");
            current = head;
            Line($"setp.eq.u32 %p1, c{counter}, 0;\n@%p1 bra b{after};\nbra b{body};");
            current = body;
            var inner = Sequence(depth + 1);
            Line($"sub.u32 c{counter}, c{counter}, 1;\nbra b{head};");
            current = after;
            return v =>
            {
                for (uint left = v[a] & 3; left > 0; left--) inner(v);
            };
        }

        private int New()
        {
            blocks.Add(new());
            return blocks.Count - 1;
        }

        private void Line(string text) => blocks[current].Append(text).Append('\n');
    }
}
