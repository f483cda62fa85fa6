// The gradient of a function of nested parameters, beside a difference quotient.
import { add, dot, grad, item, type Operand, sigmoid, type Value } from '@secant/autodiff'
import { tensor } from '@secant/linalg'

interface Neuron {
  readonly weights: Value
  readonly bias: Operand
}

const input = tensor([1, 2])
const neuron = ({ weights, bias }: Neuron): Value => sigmoid(add(dot(weights, input), bias))

const at: Neuron = { weights: tensor([0.5, -0.25]), bias: 0 }
const gradient = grad(neuron)(at)
item(gradient.bias) // => 0.25

const h = 1e-6
const [right, left] = [h, -h].map((bias) => item(neuron({ ...at, bias }))) as [number, number]
;(right - left) / (2 * h) // => 0.2500
