using System.Buffers.Binary;
using CudnnResNet.Model;
using CudnnResNet.Model.Tests;
using CudnnResNet.Tests;

namespace CudnnResNet.Training.Tests.Checkpoints;

/// <summary>What damage, a full disk and a killed process do to checkpoints: never more than one interval is lost, and it is said.</summary>
[TestClass]
public class CheckpointFileTests
{
    [TestMethod]
    public void An_altered_byte_is_found_wherever_it_is()
    {
        using var folder = new TemporaryFolder();
        Checkpoints.Sample(1).Save(folder["last.state"]);
        byte[] good = File.ReadAllBytes(folder["last.state"]);
        int payload = 44, tensors = payload + 8 + BitConverter.ToInt32(good, payload);
        int Next(int i) => i < payload ? i + 1 : i < tensors ? i + 31 : i < good.Length - 1 ? Math.Min(i + 19_997, good.Length - 1) : good.Length;
        for (int i = 0; i < good.Length; i = Next(i))
        {
            var altered = (byte[])good.Clone();
            altered[i] ^= (byte)(1 << (i % 8));
            File.WriteAllBytes(folder["last.state"], altered);
            Refusal(folder["last.state"]);
            File.WriteAllBytes(folder["last.state"], good[..i]);
            Refusal(folder["last.state"]);
        }
        File.WriteAllBytes(folder["last.state"], [.. good, 0]);
        StringAssert.Contains(Refusal(folder["last.state"]), "damaged");
    }

    [TestMethod]
    public void What_is_no_checkpoint_is_said()
    {
        using var folder = new TemporaryFolder();
        StringAssert.Contains(Refusal(folder["absent"]), "there is no such checkpoint");
        StringAssert.Contains(Refusal(folder["."]), "cannot be read");
        File.WriteAllText(folder["text"], new string('x', 1000));
        StringAssert.Contains(Refusal(folder["text"]), "not a checkpoint");
        File.WriteAllBytes(folder["empty"], []);
        StringAssert.Contains(Refusal(folder["empty"]), "not a checkpoint");
    }

    [TestMethod]
    public void A_newer_format_is_named()
    {
        using var folder = new TemporaryFolder();
        Checkpoints.Sample(1).Save(folder["last.state"]);
        byte[] bytes = File.ReadAllBytes(folder["last.state"]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Checkpoint.FormatVersion + 1);
        File.WriteAllBytes(folder["last.state"], bytes);
        StringAssert.Contains(Refusal(folder["last.state"]), $"format version {Checkpoint.FormatVersion + 1} is not within 1..{Checkpoint.FormatVersion}");
    }

    [TestMethod]
    public void A_negative_variance_is_named()
    {
        using var folder = new TemporaryFolder();
        var checkpoint = Checkpoints.Sample(1);
        checkpoint.State["bn1.running_var"].Values[3] = -0.5f;
        checkpoint.Save(folder["last.state"]);
        StringAssert.Contains(Refusal(folder["last.state"]), "tensor 'state.bn1.running_var' holds -0.5, and a variance is not negative");
    }

    [TestMethod]
    public void Another_networks_checkpoint_is_refused_with_both_names()
    {
        var checkpoint = Checkpoints.Sample(1);
        checkpoint.Require(new(Architecture.Plain, 8));
        foreach (var other in new ArchitectureSpec[] { new(Architecture.Plain, 14), new(Architecture.ResNet, 8) })
            StringAssert.Contains(Assert.ThrowsExactly<WeightsException>(() => checkpoint.Require(other)).Message, $"the checkpoint is plain8's, the network is {other.Name}");
        var residual = checkpoint with { Architecture = new(Architecture.ResNet, 8) };
        StringAssert.Contains(Assert.ThrowsExactly<WeightsException>(() => residual.Require(new(Architecture.ResNet, 8, ShortcutPadding.Centred))).Message, "centred");
    }

    [TestMethod]
    public void Tensors_of_another_network_are_not_saved()
    {
        using var folder = new TemporaryFolder();
        Assert.ThrowsExactly<WeightsException>(() => (Checkpoints.Sample(1) with { Architecture = new(Architecture.Plain, 14) }).Save(folder["last.state"]));
        Assert.IsEmpty(Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void The_newest_is_loaded_and_the_one_before_it_kept()
    {
        using var folder = new TemporaryFolder();
        for (int step = 1; step <= 3; step++) Checkpoints.Sample(step).Save(folder["last.state"]);
        AssertNewest(folder, step: 3, fallenBack: false);
        Assert.AreEqual(2, Checkpoint.Load(folder["previous.state"]).Step);
        Assert.HasCount(2, Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void A_damaged_newest_falls_back_to_the_one_before_it_and_says_so()
    {
        using var folder = new TemporaryFolder();
        for (int step = 1; step <= 2; step++) Checkpoints.Sample(step).Save(folder["last.state"]);
        Damage(folder["last.state"]);
        string notice = AssertNewest(folder, step: 1, fallenBack: true)!;
        StringAssert.Contains(notice, "last.state: damaged");
        StringAssert.Contains(notice, "previous.state, of step 1");

        // The next save must not push the good one out with the damaged one.
        Assert.Throws<IOException>(() => Checkpoints.Sample(3).Save(folder["last.state"], new FullDisk(1000)));
        AssertNewest(folder, step: 1, fallenBack: true);
        Checkpoints.Sample(3).Save(folder["last.state"]);
        AssertNewest(folder, step: 3, fallenBack: false);
        Assert.AreEqual(1, Checkpoint.Load(folder["previous.state"]).Step);
    }

    [TestMethod]
    public void A_process_killed_between_the_two_renames_loses_one_interval()
    {
        using var folder = new TemporaryFolder();
        Checkpoints.Sample(1).Save(folder["last.state"]);
        File.Move(folder["last.state"], folder["previous.state"]);
        StringAssert.Contains(AssertNewest(folder, step: 1, fallenBack: true)!, "there is no such checkpoint");
        Checkpoints.Sample(2).Save(folder["last.state"]);
        AssertNewest(folder, step: 2, fallenBack: false);
    }

    [TestMethod]
    public void With_both_damaged_both_are_named()
    {
        using var folder = new TemporaryFolder();
        for (int step = 1; step <= 2; step++) Checkpoints.Sample(step).Save(folder["last.state"]);
        Damage(folder["last.state"]);
        Damage(folder["previous.state"]);
        string message = Assert.ThrowsExactly<WeightsException>(() => Checkpoint.LoadNewest(folder["last.state"], out _)).Message;
        StringAssert.Contains(message, "last.state: damaged");
        StringAssert.Contains(message, "previous.state: damaged");
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(43)]
    [DataRow(300_000)]
    [DataRow(null, DisplayName = "full at the flush")]
    public void A_full_disk_leaves_the_old_checkpoint_whole(int? room)
    {
        using var folder = new TemporaryFolder();
        for (int step = 1; step <= 2; step++) Checkpoints.Sample(step).Save(folder["last.state"]);
        var disk = new FullDisk(room ?? new FileInfo(folder["last.state"]).Length);
        Assert.Throws<IOException>(() => Checkpoints.Sample(3).Save(folder["last.state"], disk));
        AssertNewest(folder, step: 2, fallenBack: false);
        Assert.AreEqual(1, Checkpoint.Load(folder["previous.state"]).Step);
        Assert.HasCount(2, Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void While_a_checkpoint_is_being_written_the_old_one_can_be_loaded()
    {
        using var folder = new TemporaryFolder();
        Checkpoints.Sample(1).Save(folder["last.state"]);
        Checkpoints.Sample(2).Save(folder["last.state"], new Watched(() => AssertNewest(folder, step: 1, fallenBack: false)));
        AssertNewest(folder, step: 2, fallenBack: false);
    }

    [TestMethod]
    public void Whatever_fails_in_a_save_a_whole_checkpoint_is_there_and_nothing_that_was_saved_is_lost()
    {
        var samples = Enumerable.Range(1, 3).Select(step => Checkpoints.Sample(step)).ToArray();
        foreach (var disaster in Enum.GetValues<Disaster>())
        {
            for (int at = 1, happened = 1; happened != 0; at++)
            {
                happened = 0;
                foreach (bool damaged in new[] { false, true })
                {
                    using var folder = new TemporaryFolder();
                    foreach (var sample in samples[..2]) sample.Save(folder["last.state"]);
                    if (damaged) Damage(folder["last.state"]);
                    var disk = new UnreliableDisk(folder.Path, disaster, at);
                    bool saved = true;
                    try
                    {
                        samples[2].Save(folder["last.state"], disk);
                    }
                    catch (Exception error) when (error is IOException or DeadException)
                    {
                        saved = false;
                    }
                    disk.Restart();
                    if (disk.HasHappened) happened++;
                    string what = $"{disaster} at {at}, the newest {(damaged ? "damaged" : "whole")}";
                    var found = Checkpoint.LoadNewest(folder["last.state"], out string? notice);
                    Assert.IsTrue(found.Step == 3 || !saved && found.Step == (damaged ? 1 : 2), $"{what}: step {found.Step}");
                    Assert.AreEqual(notice is null, File.Exists(folder["last.state"]) && (found.Step == 3 || !damaged), $"{what}: {notice}");
                    Checkpoints.AreEqual(samples[found.Step - 1].State, found.State);
                    Checkpoints.AreEqual(samples[found.Step - 1].Momentum, found.Momentum);
                }
            }
        }
    }

    private sealed class Watched(Action beforeTheFlush) : FileOperations
    {
        public override void Flush(Stream file)
        {
            beforeTheFlush();
            base.Flush(file);
        }
    }

    private static string? AssertNewest(TemporaryFolder folder, long step, bool fallenBack)
    {
        var checkpoint = Checkpoint.LoadNewest(folder["last.state"], out string? notice);
        Assert.AreEqual(step, checkpoint.Step);
        Assert.AreEqual(fallenBack, notice != null, notice);
        Checkpoints.AreEqual(Checkpoints.Sample(step).State, checkpoint.State);
        return notice;
    }

    private static void Damage(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 16;
        File.WriteAllBytes(path, bytes);
    }

    private static string Refusal(string path) => Assert.ThrowsExactly<WeightsException>(() => Checkpoint.Load(path)).Message;
}
