// Where a run is, kept on the device so that a whole step needs nothing from the host: 64 bytes, so that one small copy tells all of it.
// src/CudnnResNet.Model/Devices/Cuda/StepState.cs has the same fields.
#pragma once

struct StepState {
    int step;                            //  0: step within the epoch; selects the learning rate
    int position;                        //  4: the batch begins at this position of the epoch's order (training) or image (inference)
    unsigned epoch;                      //  8: part of the random numbers' counter
    unsigned updates;                    // 12: updates since the host set this record
    unsigned long long first_non_finite; // 16: updates << 32 | tensor of the first NaN or infinity; all ones: none yet
    long long images;                    // 24: images counted since the host set the totals
    long long correct;                   // 32: of these, whose largest logit was the label's
    double loss_sum;                     // 40: sum of their losses, in nats
    long long unused[2];                 // 48
};

static_assert(sizeof(StepState) == 64, "the host copies 64 bytes");
